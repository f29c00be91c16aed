import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { meQuery } from "./get-me";
import { membersKey } from "./list-members";
import type { Role } from "./types";

/** One's own role may be among what changes, so what one may do is asked again. */
export function useChangeMember(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, role }: { id: number; role: Role }) => body(client.PATCH("/api/members/{id}/", { params: { path: { id } }, body: { role } })),
    onSettled: () =>
      Promise.all([queries.invalidateQueries({ queryKey: membersKey(project) }), queries.invalidateQueries({ queryKey: meQuery.queryKey })]),
  });
}
