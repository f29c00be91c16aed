import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { leadsKey } from "./list-leads";
import { queueKey } from "./list-queue";
import type { Label } from "./types";

export type LeadWish =
  | { act: "label"; label: Label }
  /** `until`: an ISO time; null wakes. */
  | { act: "snooze"; until: string | null }
  | { act: "assign"; to: string | null };

/** One decision on up to 200 leads, each by itself; the answer says of each whether it was done, or why not. */
export function useBulkLeads(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ leads, wish }: { leads: number[]; wish: LeadWish }) => body(client.POST("/api/leads/bulk/", { body: { project, leads, ...wish } })),
    onSettled: () => {
      for (const queryKey of [leadsKey(project), queueKey(project), ["stats", project], ["lead"]]) void queries.invalidateQueries({ queryKey });
    },
  });
}
