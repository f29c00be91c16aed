import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { AuditPage, Query } from "./types";

export type AuditFilters = Omit<Query<"/api/audit/">, "project" | "cursor" | "page_size" | "count">;

export const auditQuery = (project: string, filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ["audit", project, filters],
    queryFn: ({ pageParam, signal }): Promise<AuditPage> =>
      body(client.GET("/api/audit/", { params: { query: { project, ...filters, cursor: cursorParam(pageParam), page_size: 50 } }, signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

export function useAudit(project: string, filters: AuditFilters) {
  return useInfiniteQuery({ ...auditQuery(project, filters), placeholderData: keepPreviousData });
}
