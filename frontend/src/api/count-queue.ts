import { queryOptions, useQueries } from "@tanstack/react-query";
import { body, client } from "./client";
import { type QueueView, viewFilters } from "./list-queue";

/** What the statistics have no count of. */
const COUNTED = ["approved", "edited"] as const satisfies QueueView[];

/** Counted anew with the statistics. */
const queueCountQuery = (project: string, view: QueueView) =>
  queryOptions({
    queryKey: ["stats", project, "queue", view],
    queryFn: ({ signal }): Promise<{ count?: number }> =>
      body(client.GET("/api/queue/", { params: { query: { project, ...viewFilters(view), count: "exact", page_size: 1 } }, signal })),
  });

/** How many drafts rest in the lists that only they themselves can tell of. */
export function useQueueCounts(project: string): Partial<Record<QueueView, number>> {
  const counts = useQueries({ queries: COUNTED.map((view) => queueCountQuery(project, view)) });
  return Object.fromEntries(COUNTED.map((view, index) => [view, counts[index]?.data?.count]));
}
