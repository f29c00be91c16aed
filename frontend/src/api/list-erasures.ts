import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { CertificatePage } from "./types";

export function useErasures() {
  return useInfiniteQuery(
    infiniteQueryOptions({
      queryKey: ["erasures"],
      queryFn: ({ pageParam, signal }): Promise<CertificatePage> =>
        body(client.GET("/api/erasures/", { params: { query: { cursor: cursorParam(pageParam), page_size: 20 } }, signal })),
      initialPageParam: FIRST_PAGE,
      getNextPageParam: nextCursor,
    }),
  );
}
