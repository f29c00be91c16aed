import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { leadQuery } from "./get-lead";
import type { PlanName } from "./types";

export function useEnrolLead(id: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (plan: PlanName) => body(client.POST("/api/leads/{id}/sequence/", { params: { path: { id } }, body: { plan } })),
    onSettled: () => queries.invalidateQueries({ queryKey: leadQuery(id).queryKey }),
  });
}
