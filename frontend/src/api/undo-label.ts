import { body, client } from "./client";
import type { NextLabel } from "./types";

/** Take back one's own last blind answer; its post comes back with it. */
export function undoLabel(project: string): Promise<NextLabel> {
  return body(client.POST("/api/labels/undo/", { body: { project } }));
}
