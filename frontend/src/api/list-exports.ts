import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { ExportPage, TrainingExport } from "./types";

export const exportsKey = (project: string) => ["exports", project] as const;

/** Asked again every two seconds while one is under way. */
export const exportsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: exportsKey(project),
    queryFn: ({ pageParam, signal }): Promise<ExportPage> =>
      body(client.GET("/api/training/exports/", { params: { query: { project, cursor: cursorParam(pageParam), page_size: 20 } }, signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
    refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.results.some(isUnderWay)) ? 2_000 : false),
  });

export function useExports(project: string) {
  return useInfiniteQuery(exportsQuery(project));
}

export function isUnderWay({ state }: Pick<TrainingExport, "state">): boolean {
  return state === "queued" || state === "running";
}

export function downloadAddress(id: number): string {
  return `/api/training/exports/${id}/download/`;
}
