import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { SchedulePage } from "./types";

export const schedulesKey = (project: string) => ["schedules", project] as const;

/** Asked again each minute: they move by themselves. A project has a few, so one page holds them. */
export const schedulesQuery = (project: string) =>
  queryOptions({
    queryKey: schedulesKey(project),
    queryFn: ({ signal }): Promise<SchedulePage> => body(client.GET("/api/runs/schedules/", { params: { query: { project, page_size: 200 } }, signal })),
    refetchInterval: 60_000,
  });

export function useSchedules(project: string) {
  return useQuery(schedulesQuery(project));
}
