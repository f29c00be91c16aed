import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { meQuery } from "./get-me";
import { membersKey } from "./list-members";

/** Whoever removes themselves has one project fewer, so that is asked again. */
export function useRemoveMember(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => body(client.DELETE("/api/members/{id}/", { params: { path: { id } } })),
    onSettled: () =>
      Promise.all([queries.invalidateQueries({ queryKey: membersKey(project) }), queries.invalidateQueries({ queryKey: meQuery.queryKey })]),
  });
}
