import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { KeyPage } from "./types";

export const keysQuery = infiniteQueryOptions({
  queryKey: ["keys"],
  queryFn: ({ pageParam, signal }): Promise<KeyPage> =>
    body(client.GET("/api/keys/", { params: { query: { cursor: cursorParam(pageParam), page_size: 50 } }, signal })),
  initialPageParam: FIRST_PAGE,
  getNextPageParam: nextCursor,
});

/** One's own keys, and those made for any project that one operates: keys are not filed under a project. */
export function useKeys() {
  return useInfiniteQuery(keysQuery);
}
