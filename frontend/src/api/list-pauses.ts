import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { Pause } from "./types";

export const pausesQuery = (project: string) =>
  queryOptions({
    queryKey: ["pauses", project],
    queryFn: async ({ signal }): Promise<Pause[]> => (await body(client.GET("/api/queue/pauses/", { params: { query: { project } }, signal }))).results,
  });

/** What holds the project's sending back: pauses of its own, and of all projects. */
export function usePauses(project: string) {
  return useQuery(pausesQuery(project));
}
