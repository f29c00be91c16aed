import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { Run, RunPage } from "./types";

export const runsKey = (project: string) => ["runs", project] as const;

export const runsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: runsKey(project),
    queryFn: ({ pageParam, signal }): Promise<RunPage> =>
      body(client.GET("/api/runs/", { params: { query: { project, cursor: cursorParam(pageParam), page_size: 50 } }, signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

export function useRuns(project: string) {
  return useInfiniteQuery(runsQuery(project));
}

export function isLive(run: Pick<Run, "status">): boolean {
  return run.status === "queued" || run.status === "running";
}
