import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { LeadDetail } from "./types";

export const leadQuery = (id: number) =>
  queryOptions({
    queryKey: ["lead", id],
    queryFn: ({ signal }): Promise<LeadDetail> => body(client.GET("/api/leads/{id}/", { params: { path: { id } }, signal })),
  });

export function useLead(id: number) {
  return useQuery(leadQuery(id));
}
