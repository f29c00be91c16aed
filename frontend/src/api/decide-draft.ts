import { body, client } from "./client";
import type { QueueItem } from "./types";

export type Verdict =
  | { kind: "approve" }
  | { kind: "edit"; text: string }
  | { kind: "reject"; reason: string; betterText: string };

/** Approve, edit or reject one draft. A Problem with status 409 says that somebody else was faster. */
export function decideDraft(id: number, verdict: Verdict, secondsSpent: number): Promise<QueueItem> {
  const params = { path: { id } };
  const seconds_spent = secondsSpent;
  switch (verdict.kind) {
    case "approve":
      return body(client.POST("/api/queue/{id}/approve/", { params, body: { seconds_spent } }));
    case "edit":
      return body(client.POST("/api/queue/{id}/edit/", { params, body: { text: verdict.text, seconds_spent } }));
    case "reject":
      return body(
        client.POST("/api/queue/{id}/reject/", {
          params,
          body: { reason: verdict.reason, better_text: verdict.betterText, seconds_spent },
        }),
      );
  }
}
