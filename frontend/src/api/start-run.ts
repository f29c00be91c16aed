import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { runsKey } from "./list-runs";
import type { paths } from "./schema";

export type RunWish = Omit<NonNullable<paths["/api/runs/"]["post"]["requestBody"]>["content"]["application/json"], "project">;

export function useStartRun(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: RunWish) => body(client.POST("/api/runs/", { body: { project, ...wish } })),
    onSettled: () => queries.invalidateQueries({ queryKey: runsKey(project) }),
  });
}
