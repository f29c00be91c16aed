import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { keysQuery } from "./list-keys";
import type { paths } from "./schema";

export type KeyWish = paths["/api/keys/"]["post"]["requestBody"]["content"]["application/json"];

/** The answer holds the key's text, so it is forgotten with the form that asked for it. */
export function useCreateKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: KeyWish) => body(client.POST("/api/keys/", { body: wish })),
    gcTime: 0,
    onSettled: () => void queries.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
}
