import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import type { Outcomes } from "./types";

export const outcomesQuery = (lead: number) =>
  queryOptions({
    queryKey: ["outcomes", lead],
    queryFn: ({ signal }): Promise<Outcomes> => body(client.GET("/api/leads/{id}/outcomes/", { params: { path: { id: lead } }, signal })),
  });

/** What came of what was sent to the lead's author, the newest first. */
export function useOutcomes(lead: number) {
  return useQuery(outcomesQuery(lead));
}
