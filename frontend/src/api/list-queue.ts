import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { QueuePage } from "./types";

/** What people decide. Snoozed drafts wait as well, until their leads come back. */
export const QUEUE_VIEWS = ["pending", "snoozed", "approved", "edited", "rejected"] as const;
/** What becomes of an approved draft that somebody sends; it is then in no list of those above. */
export const DELIVERY_STATUSES = ["queued", "claimed", "sent", "failed", "unknown"] as const;
export const ALL_VIEWS = [...QUEUE_VIEWS, ...DELIVERY_STATUSES] as const;
export type QueueView = (typeof ALL_VIEWS)[number];
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export function isDeliveryStatus(status: string): status is DeliveryStatus {
  return DELIVERY_STATUSES.some((each) => each === status);
}

/** Lists in which drafts wait for a decision. */
export function isWaiting(view: QueueView): view is "pending" | "snoozed" {
  return view === "pending" || view === "snoozed";
}

export function viewFilters(view: QueueView) {
  return view === "snoozed" ? ({ status: "pending", snoozed: "true" } as const) : ({ status: view } as const);
}

export const queueKey = (project: string) => ["queue", project] as const;

/** `assignee`: a user name, "none" (nobody's), or "" (everybody's). */
export const queueQuery = (project: string, view: QueueView, assignee: string) =>
  infiniteQueryOptions({
    queryKey: [...queueKey(project), view, assignee],
    queryFn: ({ pageParam, signal }): Promise<QueuePage> =>
      body(
        client.GET("/api/queue/", {
          params: { query: { project, ...viewFilters(view), assignee: assignee || undefined, cursor: cursorParam(pageParam), page_size: 20 } },
          signal,
        }),
      ),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
  });

export function useQueue(project: string, view: QueueView, assignee: string) {
  return useInfiniteQuery(queueQuery(project, view, assignee));
}
