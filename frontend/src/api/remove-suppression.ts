import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { suppressionsKey } from "./list-suppressions";

export function useRemoveSuppression(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.DELETE("/api/suppressions/{id}/", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: suppressionsKey(project) }),
  });
}
