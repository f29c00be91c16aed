import { useMutation } from "@tanstack/react-query";
import { client } from "./client";

/** Up to 200 leads as a CSV file, without those whom nobody may contact. */
export function useExportLeads(project: string) {
  return useMutation({
    mutationFn: async (leads: number[]) => {
      const { data, response } = await client.POST("/api/leads/export.csv/", { body: { project, leads }, parseAs: "blob" });
      return { file: data as Blob, leftOut: Number(response.headers.get("X-Left-Out")) };
    },
  });
}
