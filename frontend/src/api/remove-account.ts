import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { accountsKey } from "./list-accounts";

export function useRemoveAccount() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.DELETE("/api/connectors/accounts/{id}/", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: accountsKey }),
  });
}
