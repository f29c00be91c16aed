import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { QueuePage } from "./types";

export const QUEUE_STATUSES = ["pending", "approved", "edited", "rejected"] as const;
export type QueueStatus = (typeof QUEUE_STATUSES)[number];

export const queueKey = (project: string) => ["queue", project] as const;

export const queueQuery = (project: string, status: QueueStatus) =>
  infiniteQueryOptions({
    queryKey: [...queueKey(project), status],
    queryFn: ({ pageParam, signal }): Promise<QueuePage> =>
      body(
        client.GET("/api/queue/", {
          params: { query: { project, status, cursor: cursorParam(pageParam), page_size: 20 } },
          signal,
        }),
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

export function useQueue(project: string, status: QueueStatus) {
  return useInfiniteQuery(queueQuery(project, status));
}
