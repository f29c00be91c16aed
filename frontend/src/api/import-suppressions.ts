import { useMutation, useQueryClient } from "@tanstack/react-query";
import { body, client } from "./client";
import { suppressionsKey } from "./list-suppressions";

export function useImportSuppressions(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ csv, everywhere }: { csv: string; everywhere: boolean }) =>
      body(client.POST("/api/suppressions/import/", { body: { project: everywhere ? null : project, csv } })),
    onSettled: () => queries.invalidateQueries({ queryKey: suppressionsKey(project) }),
  });
}
