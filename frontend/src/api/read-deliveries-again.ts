import type { QueryClient } from "@tanstack/react-query";
import { sendPreviewQuery } from "./get-send-preview";
import { queueKey } from "./list-queue";

/** After a step of sending: drafts have moved to other lists, and the counts with them. */
export function readDeliveriesAgain(queries: QueryClient, project: string): void {
  const stale = [queueKey(project), ["stats", project], sendPreviewQuery(project).queryKey, ["queue-item"], ["lead"]];
  for (const queryKey of stale) void queries.invalidateQueries({ queryKey });
}
