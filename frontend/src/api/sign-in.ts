import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
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
      queries.clear(); // nothing that somebody else has seen may show through
      queries.setQueryData(meQuery.queryKey, me);
    },
  });
}
