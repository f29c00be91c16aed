import { body, client } from "./client";
import type { Verdict } from "./decide-draft";

/** Nobody edits many texts at once, or says what would have been better. */
export type BulkVerdict = Exclude<Verdict, { kind: "edit" }>;

export interface BulkResult {
  id: number;
  done: boolean;
  /** Why not. */
  problem: string;
}

/** One decision on up to 200 drafts, each by itself. */
export async function bulkDrafts(project: string, drafts: number[], verdict: BulkVerdict): Promise<BulkResult[]> {
  const { results } = await body(client.POST("/api/queue/bulk/", { body: { project, drafts, ...wishOf(verdict) } }));
  return results;
}

function wishOf(verdict: BulkVerdict) {
  switch (verdict.kind) {
    case "approve":
      return { act: "approve" } as const;
    case "reject":
      return { act: "reject", reason: verdict.reason } as const;
    case "snooze":
      return { act: "snooze", until: verdict.until } as const;
    case "wake":
      return { act: "snooze", until: null } as const;
    case "assign":
      return { act: "assign", to: verdict.to } as const;
  }
}
