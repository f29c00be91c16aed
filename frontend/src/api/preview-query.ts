import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { accountsKey } from "./list-accounts";

/** Asks the platform now. The posts count in the account's budget, which is why it is never asked again by itself. */
export function usePreviewQuery(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (query: { platform: string; text: string }) => body(client.POST("/api/connectors/queries/preview/", { body: { project, ...query } })),
    onSettled: () => queries.invalidateQueries({ queryKey: accountsKey }),
  });
}
