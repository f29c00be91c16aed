import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { OutcomeStats } from "./types";

export const outcomeStatsQuery = (project: string, days: number) =>
  queryOptions({
    queryKey: ["stats", project, "outcomes", days],
    queryFn: ({ signal }): Promise<OutcomeStats> => body(client.GET("/api/stats/outcomes/", { params: { query: { project, days } }, signal })),
  });

/** What came of the replies that were sent in the last days. */
export function useOutcomeStats(project: string, days: number) {
  return useQuery(outcomeStatsQuery(project, days));
}
