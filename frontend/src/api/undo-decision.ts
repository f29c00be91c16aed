import { body, client } from "./client";
import type { QueueItem } from "./types";

/** Take back one's own decision on a draft. */
export function undoDecision(id: number): Promise<QueueItem> {
  return body(client.POST("/api/queue/{id}/undo/", { params: { path: { id } } }));
}
