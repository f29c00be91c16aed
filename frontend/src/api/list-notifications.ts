import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { cursorParam, FIRST_PAGE, nextCursor } from "./keyset";
import type { NotificationPage, NotificationState } from "./types";

export const notificationsKey = (project: string) => ["notifications", project];

/** A worker sends in the background, so both are asked again now and then. */
const EVERY = 15_000;

export const notificationsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: [...notificationsKey(project), "log"],
    queryFn: ({ pageParam, signal }): Promise<NotificationPage> =>
      body(client.GET("/api/notifications/", { params: { query: { project, cursor: cursorParam(pageParam), page_size: 50 } }, signal })),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: nextCursor,
    refetchInterval: EVERY,
  });

export const notificationStateQuery = (project: string) =>
  queryOptions({
    queryKey: [...notificationsKey(project), "state"],
    queryFn: ({ signal }): Promise<NotificationState> => body(client.GET("/api/notifications/state/", { params: { query: { project } }, signal })),
    refetchInterval: EVERY,
  });

export function useNotifications(project: string) {
  return useInfiniteQuery(notificationsQuery(project));
}

export function useNotificationState(project: string) {
  return useQuery(notificationStateQuery(project));
}
