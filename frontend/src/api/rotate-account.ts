import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { accountsKey } from "./list-accounts";

/** What was typed is secret, so it is forgotten with the form. */
export function useRotateAccount(id: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Record<string, string>) =>
      body(client.PATCH("/api/connectors/accounts/{id}/", { params: { path: { id } }, body: { credentials } })),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: accountsKey }),
  });
}
