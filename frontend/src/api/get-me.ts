import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { Me } from "./types";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }): Promise<Me> => body(client.GET("/api/me/", { signal })),
  staleTime: 5 * 60_000,
});

/** Who is signed in. Only below the session gate, which has waited for the answer. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}
