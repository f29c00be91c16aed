import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { MemberPage } from "./types";

export const membersKey = (project: string) => ["members", project] as const;

export const membersQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: membersKey(project),
    queryFn: ({ pageParam, signal }): Promise<MemberPage> =>
      body(client.GET("/api/members/", { params: { query: { project, cursor: cursorParam(pageParam), page_size: 100 } }, signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

export function useMembers(project: string) {
  return useInfiniteQuery(membersQuery(project));
}
