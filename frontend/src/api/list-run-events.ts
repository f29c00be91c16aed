import { queryOptions, useQuery } from "@tanstack/react-query";
import { body, client } from "./client";
import { nextCursor } from "./keyset";
import type { LiveEvent } from "./types";

const PAGES_AT_MOST = 10;

export const runEventsQuery = (id: number) =>
  queryOptions({
    queryKey: ["run-events", id],
    queryFn: ({ signal }) => readEvents(id, signal),
  });

/** What a run has told so far, oldest first: up to 2,000 events, and whether there are more. */
async function readEvents(id: number, signal: AbortSignal): Promise<{ events: LiveEvent[]; more: boolean }> {
  const events: LiveEvent[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const query = { page_size: 200, cursor };
    const found = await body(client.GET("/api/runs/{id}/events/", { params: { path: { id }, query }, signal }));
    events.push(...found.results);
    cursor = nextCursor(found);
    if (!cursor) break;
  }
  return { events, more: cursor !== undefined };
}

export function useRunEvents(id: number | null) {
  return useQuery({ ...runEventsQuery(id ?? 0), enabled: id !== null });
}
