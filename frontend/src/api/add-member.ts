import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { membersKey } from "./list-members";
import type { Role } from "./types";

export function useAddMember(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ username, role }: { username: string; role: Role }) => body(client.POST("/api/members/", { body: { project, username, role } })),
    onSettled: () => queries.invalidateQueries({ queryKey: membersKey(project) }),
  });
}
