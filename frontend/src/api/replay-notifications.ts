import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { notificationsKey } from "./list-notifications";

export function useReplayNotification(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.POST("/api/notifications/{id}/replay/", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: notificationsKey(project) }),
  });
}

export function useReplayNotifications(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => body(client.POST("/api/notifications/replay/", { body: { project } })),
    onSettled: () => queries.invalidateQueries({ queryKey: notificationsKey(project) }),
  });
}
