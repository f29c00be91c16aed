import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { Platform } from "./types";

export const platformsQuery = queryOptions({
  queryKey: ["platforms"],
  queryFn: ({ signal }): Promise<Platform[]> => body(client.GET("/api/connectors/", { signal })),
  staleTime: Infinity, // they change with a release
});

export function usePlatforms() {
  return useQuery(platformsQuery);
}
