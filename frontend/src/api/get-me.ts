import { queryOptions } from "@tanstack/react-query";
import { body, client } from "./client";
import type { Me } from "./types";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }): Promise<Me> => body(client.GET("/api/me/", { signal })),
  staleTime: 5 * 60_000,
});
