import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";

/** Whom leads can be given to, by name. */
export const assigneesQuery = (project: string) =>
  queryOptions({
    queryKey: ["assignees", project],
    queryFn: ({ signal }) => body(client.GET("/api/queue/assignees/", { params: { query: { project } }, signal })),
    staleTime: 300_000,
    select: ({ results }) => results.map(({ username }) => username),
  });

export function useAssignees(project: string) {
  return useQuery(assigneesQuery(project));
}
