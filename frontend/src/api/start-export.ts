import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { exportsKey } from "./list-exports";
import type { paths } from "./schema";

export type ExportWish = Omit<paths["/api/training/exports/"]["post"]["requestBody"]["content"]["application/json"], "project">;

export function useStartExport(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: ExportWish) => body(client.POST("/api/training/exports/", { body: { project, ...wish } })),
    onSettled: () => queries.invalidateQueries({ queryKey: exportsKey(project) }),
  });
}
