import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { Plan } from "./types";

export const plansQuery = queryOptions({
  queryKey: ["plans"],
  queryFn: async ({ signal }): Promise<Plan[]> => (await body(client.GET("/api/sequences/plans/", { signal }))).results,
  staleTime: Infinity, // they change with a release
});

export function usePlans() {
  return useQuery(plansQuery);
}
