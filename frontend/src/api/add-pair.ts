import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { pairsKey } from "./list-pairs";
import type { paths } from "./schema";

export type PairWish = Omit<paths["/api/training/pairs/"]["post"]["requestBody"]["content"]["application/json"], "project">;

export function useAddPair(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: PairWish) => body(client.POST("/api/training/pairs/", { body: { project, ...wish } })),
    onSettled: () => queries.invalidateQueries({ queryKey: pairsKey(project) }),
  });
}
