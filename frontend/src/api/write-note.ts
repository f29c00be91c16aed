import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { leadQuery } from "./get-lead";
import { leadsKey } from "./list-leads";

export function useWriteNote(id: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (text: string) => body(client.POST("/api/leads/{id}/note/", { params: { path: { id } }, body: { text } })),
    onSuccess: (lead) => {
      queries.setQueryData(leadQuery(id).queryKey, lead);
      // Search finds notes; a list that somebody reads is not changed under them.
      void queries.invalidateQueries({ queryKey: leadsKey(lead.project), refetchType: "none" });
    },
  });
}
