import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import type { ErasureWanted } from "./types";

export function usePreviewErasure() {
  return useMutation({ mutationFn: (wanted: ErasureWanted) => body(client.POST("/api/erasures/preview/", { body: wanted })) });
}

/** Everything may be about the person: what was read before is asked for again. */
export function useErasePerson() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: ErasureWanted) => body(client.POST("/api/erasures/", { body: wanted })),
    onSuccess: () => queries.invalidateQueries(),
  });
}
