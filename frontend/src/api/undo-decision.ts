import { body, client } from "./client";
import type { QueueItem, Undone } from "./types";

/** Take back one's own latest decision on a draft. */
export function undoDecision(id: number): Promise<QueueItem> {
  return body(client.POST("/api/queue/{id}/undo/", { params: { path: { id } } }));
}

/** Take back one's own latest decision in the project; the answer says which it was. */
export function undoLatest(project: string): Promise<Undone> {
  return body(client.POST("/api/queue/undo/", { body: { project } }));
}
