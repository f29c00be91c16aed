import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { exportsKey } from "./list-exports";

export function useRemoveExport(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.DELETE("/api/training/exports/{id}/", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: exportsKey(project) }),
  });
}
