import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { leadQuery } from "./get-lead";
import { queueKey } from "./list-queue";

/** Its draft that has not left goes from the queue with it. */
export function useStopSequence(project: string, lead: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.POST("/api/sequences/{id}/stop/", { params: { path: { id } } })),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: leadQuery(lead).queryKey }),
        queries.invalidateQueries({ queryKey: queueKey(project), refetchType: "none" }),
      ]),
  });
}
