import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { schedulesKey } from "./list-schedules";

/** Pauses one that runs, and lets a paused one go on. */
export function usePauseSchedule(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, paused }: { id: number; paused: boolean }) => {
      const params = { path: { id } };
      return body(paused ? client.POST("/api/runs/schedules/{id}/pause/", { params }) : client.POST("/api/runs/schedules/{id}/resume/", { params }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: schedulesKey(project) }),
  });
}
