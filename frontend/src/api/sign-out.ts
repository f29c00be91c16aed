import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client } from "./client";

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => client.POST("/api/auth/sign-out/"),
    onSuccess: () => queries.clear(),
  });
}
