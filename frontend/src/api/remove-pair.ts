import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { pairsKey } from "./list-pairs";

export function useRemovePair(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.DELETE("/api/training/pairs/{id}/", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: pairsKey(project) }),
  });
}
