import { body, client } from "./client";
import type { QueueItem } from "./types";

export type Verdict =
  | { kind: "approve" }
  | { kind: "edit"; text: string }
  | { kind: "reject"; reason: string; betterText: string }
  /** `until`: an ISO time. */
  | { kind: "snooze"; until: string }
  | { kind: "wake" }
  /** `to`: a user name; null: nobody. */
  | { kind: "assign"; to: string | null };

/** Decide on one draft, or on its lead. A Problem with status 409 says that somebody else was faster. */
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
    case "snooze":
      return body(client.POST("/api/queue/{id}/snooze/", { params, body: { until: verdict.until, seconds_spent } }));
    case "wake":
      return body(client.POST("/api/queue/{id}/snooze/", { params, body: { until: null, seconds_spent } }));
    case "assign":
      return body(client.POST("/api/queue/{id}/assign/", { params, body: { to: verdict.to, seconds_spent } }));
  }
}
