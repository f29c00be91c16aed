import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { schedulesKey } from "./list-schedules";

export function useRemoveSchedule(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.DELETE("/api/runs/schedules/{id}/", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: schedulesKey(project) }),
  });
}
