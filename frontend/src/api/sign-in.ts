import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { DESK_KEY } from "./desk-key";
import { meQuery } from "./get-me";

export interface Credentials {
  username: string;
  password: string;
}

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Credentials) => body(client.POST("/api/auth/sign-in/", { body: credentials })),
    onSuccess: (me) => {
      // What this person typed outlasts a session that ended under their hands.
      const isSame = queries.getQueryData(meQuery.queryKey)?.id === me.id;
      const desks = isSame ? queries.getQueriesData({ queryKey: DESK_KEY }) : [];
      queries.clear(); // nothing that somebody else has seen may show through
      queries.setQueryData(meQuery.queryKey, me);
      for (const [key, desk] of desks) queries.setQueryData(key, desk);
    },
  });
}
