import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { outcomesQuery } from "./list-outcomes";
import type { Outcome } from "./types";

export interface OutcomeWish {
  type: Outcome["type"];
  /** Left out: the latest reply that was sent. */
  draft?: number;
  reference?: string;
  note?: string;
}

/** A negative one pauses the project's sending; the live event of that tells the pages. */
export function useRecordOutcome(project: string, lead: number) {
  const onSettled = useReadAgain(project, lead);
  return useMutation({
    mutationFn: (wish: OutcomeWish) => body(client.POST("/api/leads/{id}/outcomes/", { params: { path: { id: lead } }, body: { reference: "", note: "", ...wish } })),
    onSettled,
  });
}

/** Say that an outcome is none. */
export function useWithdrawOutcome(project: string, lead: number) {
  const onSettled = useReadAgain(project, lead);
  return useMutation({ mutationFn: (id: number) => body(client.POST("/api/outcomes/{id}/withdraw/", { params: { path: { id } } })), onSettled });
}

function useReadAgain(project: string, lead: number) {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: ["stats", project] });
    return queries.invalidateQueries({ queryKey: outcomesQuery(lead).queryKey });
  };
}
