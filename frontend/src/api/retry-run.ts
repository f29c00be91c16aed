import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { runsKey } from "./list-runs";

/** Answers with the new run. */
export function useRetryRun(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.POST("/api/runs/{id}/retry/", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: runsKey(project) }),
  });
}
