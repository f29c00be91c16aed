import { body, client } from "./client";
import type { Hold } from "./types";

/** Say that a draft is before one's eyes; the answer says who has it, which may be somebody else. */
export function holdDraft(id: number): Promise<Hold> {
  return body(client.POST("/api/queue/{id}/hold/", { params: { path: { id } } }));
}

/** `keepalive`: the request outlives the page. */
export async function releaseDraft(id: number): Promise<void> {
  await client.DELETE("/api/queue/{id}/hold/", { params: { path: { id } }, keepalive: true });
}
