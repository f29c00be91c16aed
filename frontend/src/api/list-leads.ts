import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { LeadPage, Query } from "./types";

export type LeadFilters = Omit<Query<"/api/leads/">, "project" | "cursor" | "page_size" | "count">;

export const leadsKey = (project: string) => ["leads", project] as const;

export const leadsQuery = (project: string, filters: LeadFilters) =>
  infiniteQueryOptions({
    queryKey: [...leadsKey(project), "list", filters],
    queryFn: ({ pageParam, signal }): Promise<LeadPage> =>
      body(
        client.GET("/api/leads/", {
          params: { query: { project, ...filters, cursor: cursorParam(pageParam), page_size: 50 } },
          signal,
        }),
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

export function useLeads(project: string, filters: LeadFilters) {
  return useInfiniteQuery({ ...leadsQuery(project, filters), placeholderData: keepPreviousData });
}
