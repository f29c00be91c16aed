import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { AccountPage } from "./types";

export const accountsKey = ["accounts"] as const;

export const accountsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: [...accountsKey, project],
    queryFn: ({ pageParam, signal }): Promise<AccountPage> =>
      body(client.GET("/api/connectors/accounts/", { params: { query: { project, cursor: cursorParam(pageParam), page_size: 50 } }, signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

/** The project's accounts, and those that all projects share. */
export function useAccounts(project: string) {
  return useInfiniteQuery(accountsQuery(project));
}
