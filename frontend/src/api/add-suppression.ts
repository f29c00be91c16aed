import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { suppressionsKey } from "./list-suppressions";
import type { NewSuppression } from "./types";

export function useAddSuppression(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (entry: NewSuppression) => body(client.POST("/api/suppressions/", { body: entry })),
    onSettled: () => queries.invalidateQueries({ queryKey: suppressionsKey(project) }),
  });
}
