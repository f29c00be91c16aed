import { body, client } from "./client";
import type { Label } from "./types";

/** Say blindly what a post is. A Problem with status 409 says that the post has gone to somebody else. */
export function answerLabel(id: number, label: Label, seconds: number): Promise<{ waiting: number }> {
  return body(client.POST("/api/labels/{id}/answer/", { params: { path: { id } }, body: { label, seconds } }));
}
