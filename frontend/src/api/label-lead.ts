import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { leadQuery } from "./get-lead";
import { leadsKey } from "./list-leads";
import type { Label } from "./types";

export function useLabelLead(id: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ label, reason }: { label: Label; reason?: string }) =>
      body(client.POST("/api/leads/{id}/label/", { params: { path: { id } }, body: { label, reason: reason ?? "" } })),
    onSuccess: (lead) => {
      queries.setQueryData(leadQuery(id).queryKey, lead);
      void queries.invalidateQueries({ queryKey: leadsKey(lead.project) });
      void queries.invalidateQueries({ queryKey: ["stats", lead.project] });
    },
  });
}
