import { body, client } from "./client";
import type { OwnDecision, QueueItem, Undone } from "./types";

/** Take back one's own latest decision on a draft. */
export function undoDecision(id: number): Promise<QueueItem> {
  return body(client.POST("/api/queue/{id}/undo/", { params: { path: { id } } }));
}

/** One's own latest decision in the project that can still be taken back. */
export async function latestUndoable(project: string): Promise<OwnDecision | undefined> {
  const { results } = await body(client.GET("/api/queue/undo/", { params: { query: { project } } }));
  return results[0];
}

/** Take back this decision of one's own, whatever it was about. */
export function undoKnownDecision(project: string, decision: number): Promise<Undone> {
  return body(client.POST("/api/queue/undo/", { body: { project, decision } }));
}
