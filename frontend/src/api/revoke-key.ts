import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { keysQuery } from "./list-keys";

export function useRevokeKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.DELETE("/api/keys/{id}/", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
}
