import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { PlatformPolicy } from "./types";

export const policiesQuery = queryOptions({
  queryKey: ["policies"],
  queryFn: ({ signal }): Promise<PlatformPolicy[]> => body(client.GET("/api/connectors/policies/", { signal })),
  staleTime: Infinity, // they change with a release
});

export function usePolicies() {
  return useQuery(policiesQuery);
}
