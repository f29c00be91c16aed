import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { TimelineDay } from "./types";

export const timelineQuery = (project: string, days: number) =>
  queryOptions({
    queryKey: ["stats", project, "timeline", days],
    queryFn: async ({ signal }): Promise<TimelineDay[]> => {
      const answer = await body(client.GET("/api/stats/timeline/", { params: { query: { project, days } }, signal }));
      return answer.results;
    },
  });

export function useTimeline(project: string, days: number) {
  return useQuery({ ...timelineQuery(project, days), placeholderData: keepPreviousData });
}
