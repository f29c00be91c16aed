import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { QueuePage } from "./types";

/** What people decide. */
export const QUEUE_STATUSES = ["pending", "approved", "edited", "rejected"] as const;
/** What becomes of an approved draft that somebody sends; it is then in no list of those above. */
export const DELIVERY_STATUSES = ["queued", "claimed", "sent", "failed", "unknown"] as const;
export const ALL_STATUSES = [...QUEUE_STATUSES, ...DELIVERY_STATUSES] as const;
export type QueueStatus = (typeof ALL_STATUSES)[number];
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export function isDeliveryStatus(status: string): status is DeliveryStatus {
  return DELIVERY_STATUSES.some((each) => each === status);
}

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
