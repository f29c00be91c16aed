import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { SuppressionPage } from "./types";

export const suppressionsKey = (project: string) => ["suppressions", project] as const;

const suppressionsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: suppressionsKey(project),
    queryFn: ({ pageParam, signal }): Promise<SuppressionPage> =>
      body(client.GET("/api/suppressions/", { params: { query: { project, cursor: cursorParam(pageParam), page_size: 100 } }, signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

export function useSuppressions(project: string) {
  return useInfiniteQuery(suppressionsQuery(project));
}
