import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { accountsKey } from "./list-accounts";

export function useSetAccountBudget(id: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (limits: { posts_limit: number | null; usd_limit: string | null }) =>
      body(client.POST("/api/connectors/accounts/{id}/budget/", { params: { path: { id } }, body: limits })),
    onSuccess: () => queries.invalidateQueries({ queryKey: accountsKey }),
  });
}
