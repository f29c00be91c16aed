import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { notificationsKey } from "./list-notifications";
import type { Notification, NotificationTarget } from "./types";

/** The answer is the message itself: whether it arrived is its status. */
export function useTestNotification(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (target: NotificationTarget["name"]): Promise<Notification> => body(client.POST("/api/notifications/test/", { body: { project, target } })),
    onSettled: () => queries.invalidateQueries({ queryKey: notificationsKey(project) }),
  });
}
