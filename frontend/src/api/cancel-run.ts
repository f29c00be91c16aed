import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { runQuery } from "./get-run";
import { runsKey } from "./list-runs";

export function useCancelRun(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.POST("/api/runs/{id}/cancel/", { params: { path: { id } } })),
    onSuccess: (run) => queries.setQueryData(runQuery(run.id).queryKey, run),
    onSettled: () => queries.invalidateQueries({ queryKey: runsKey(project) }),
  });
}
