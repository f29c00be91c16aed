import type { Verdict } from "@/api/decide-draft";
import type { OwnDecision, QueueItem } from "@/api/types";
import { formatDateTime, plural } from "@/lib/format";

/** What was done, for the message that offers to undo it. */
export function doneWords(verdict: Verdict, items: readonly QueueItem[]): string {
  return `${pastOf(verdict)}: ${whose(items)}${verdict.kind === "snooze" ? `, until ${formatDateTime(verdict.until)}` : ""}`;
}

/** Of several, some were refused; `problem`: why the first was. */
export function someDoneWords(verdict: Verdict, done: number, refused: number, problem: string): string {
  const past = pastOf(verdict);
  return `${done} ${past.charAt(0).toLowerCase()}${past.slice(1)}, ${refused} refused: ${problem}`;
}

/** What was taken back. */
export function undoneWords(verdict: Verdict | undefined, items: readonly QueueItem[]): string {
  return verdict ? `Taken back: ${NOUNS[verdict.kind]} of ${whose(items)}` : `Taken back: ${whose(items)}`;
}

/** What the server calls a decision, as a noun. */
export function nounOf(kind: OwnDecision["kind"]): string {
  return kind === "label" || kind === "blind" ? "label" : NOUNS[kind];
}

export function nameOf(item: QueueItem): string {
  return item.author?.name || item.author?.handle || `draft ${item.id}`;
}

const NOUNS: Record<Verdict["kind"], string> = {
  approve: "approval",
  edit: "edit and approval",
  reject: "rejection",
  snooze: "snooze",
  wake: "waking",
  assign: "assignment",
};

function pastOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case "approve":
      return "Approved";
    case "edit":
      return "Saved and approved";
    case "reject":
      return "Rejected";
    case "snooze":
      return "Snoozed";
    case "wake":
      return "Back in the queue";
    case "assign":
      return verdict.to === null ? "Given to nobody" : `Given to ${verdict.to}`;
  }
}

function whose(items: readonly QueueItem[]): string {
  const [first] = items;
  return items.length === 1 && first ? nameOf(first) : plural(items.length, "draft");
}
