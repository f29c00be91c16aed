import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { accountsKey } from "./list-accounts";
import type { paths } from "./schema";

export type AccountWish = paths["/api/connectors/accounts/"]["post"]["requestBody"]["content"]["application/json"];

/** What was typed is secret, so it is forgotten with the form. */
export function useAddAccount() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: AccountWish) => body(client.POST("/api/connectors/accounts/", { body: wish })),
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: accountsKey }),
  });
}
