import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { readDeliveriesAgain } from "./read-deliveries-again";

/** Take an approved draft, to post it in the platform's own box. Whoever has it already gets it again. */
export function useTakeByHand(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ draft, override }: { draft: number; override: string }) =>
      body(client.POST("/api/queue/{id}/assist/", { params: { path: { id: draft } }, body: { override } })),
    onSettled: () => readDeliveriesAgain(queries, project),
  });
}

/** Say whether a reply is there: one that was taken to be posted by hand, or one of which nobody knows. */
export function useSettleDelivery(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ draft, posted, url }: { draft: number; posted: boolean; url: string }) =>
      body(client.POST("/api/queue/{id}/posted/", { params: { path: { id: draft } }, body: { posted, url } })),
    onSettled: () => readDeliveriesAgain(queries, project),
  });
}
