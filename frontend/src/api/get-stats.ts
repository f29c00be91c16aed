import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { Stats } from "./types";

export const statsQuery = (project: string) =>
  queryOptions({
    queryKey: ["stats", project, "counts"],
    queryFn: ({ signal }): Promise<Stats> => body(client.GET("/api/stats/", { params: { query: { project } }, signal })),
  });

export function useStats(project: string) {
  return useQuery(statsQuery(project));
}
