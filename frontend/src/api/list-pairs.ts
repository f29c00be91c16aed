import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { PairPage, PreferencePair } from "./types";

export const PAIR_SOURCES = ["edit", "reject", "manual"] as const satisfies PreferencePair["source"][];
export type PairSource = PreferencePair["source"];

export const pairsKey = (project: string) => ["pairs", project] as const;

export const pairsQuery = (project: string, source?: PairSource) =>
  infiniteQueryOptions({
    queryKey: [...pairsKey(project), source ?? ""],
    queryFn: ({ pageParam, signal }): Promise<PairPage> =>
      body(client.GET("/api/training/pairs/", { params: { query: { project, source, cursor: cursorParam(pageParam), page_size: 50 } }, signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

export function usePairs(project: string, source?: PairSource) {
  return useInfiniteQuery(pairsQuery(project, source));
}
