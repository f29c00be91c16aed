import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { Run } from "./types";

export const runQuery = (id: number) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }): Promise<Run> => body(client.GET("/api/runs/{id}/", { params: { path: { id } }, signal })),
  });

export function useRun(id: number) {
  return useQuery(runQuery(id));
}
