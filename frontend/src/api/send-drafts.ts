import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { readDeliveriesAgain } from "./read-deliveries-again";

export interface SendWish {
  drafts: number[];
  /** The reason for which authors are answered before their cool-down is over; empty: they are not. */
  override: string;
}

/** Sends exactly these drafts. One that is refused holds no other back: the answer says of each what became of it. */
export function useSendDrafts(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: SendWish) => body(client.POST("/api/queue/send/", { body: { project, ...wish } })),
    onSettled: () => readDeliveriesAgain(queries, project),
  });
}
