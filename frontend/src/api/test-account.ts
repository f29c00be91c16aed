import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { accountsKey } from "./list-accounts";

export function useTestAccount(id: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => body(client.POST("/api/connectors/accounts/{id}/test/", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: accountsKey }),
  });
}
