import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { schedulesKey } from "./list-schedules";

export interface ScheduleWish {
  label: string;
  every_minutes?: number;
  cron?: string;
  options?: { stages?: string[]; limit?: number };
}

export function useCreateSchedule(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: ScheduleWish) => body(client.POST("/api/runs/schedules/", { body: { project, ...wish } })),
    onSettled: () => queries.invalidateQueries({ queryKey: schedulesKey(project) }),
  });
}
