import { useCallback, useState } from "react";
import type { Verdict } from "@/api/decide-draft";
import type { QueueView } from "@/api/list-queue";
import type { OwnDecision, QueueItem } from "@/api/types";
import { useToasts } from "@/components/ui/toast";
import { neighbourOf, UNDO_DEPTH } from "./desk-state";
import { useDesk } from "./use-desk";
import type { useSelection } from "./use-selection";
import { doneWords, nameOf, nounOf, someDoneWords, undoneWords } from "./verdict-words";

interface Deciding {
  project: string;
  select: ReturnType<typeof useSelection>["select"];
  timeSpent: (id: number) => number;
}

/** What a page lists at the moment of a decision. */
export interface Listed {
  items: readonly QueueItem[];
  view: QueueView;
  selected: number | null;
  undoKey: string;
}

/** Deciding and undoing, each said in a message, and where the eye goes afterwards. */
export function useDeciding({ project, select, timeSpent }: Deciding) {
  const toasts = useToasts();
  const onReturn = useCallback(
    (items: QueueItem[], message: string) => {
      const [first] = items;
      const show = first && { label: "Show draft", run: () => select(first.id, { status: "pending" }) };
      toasts.show({ message: items.length > 1 ? `${items.length} drafts came back. Of the first: ${message}` : message, tone: "bad", action: show });
    },
    [toasts, select],
  );
  const onUndoFailed = useCallback((message: string) => toasts.show({ message, tone: "bad" }), [toasts]);
  const desk = useDesk(project, { onReturn, onUndoFailed });
  const { state } = desk;
  const [older, setOlder] = useState<OwnDecision | null>(null);

  /** Newest first, as they were made. */
  const takeBack = (items: readonly QueueItem[], verdict?: Verdict) => {
    for (const item of items.toReversed()) {
      const past = desk.latest(item.id);
      desk.undo(past?.item ?? item, past);
    }
    const [first] = items;
    if (first) select(first.id, { status: "pending" });
    toasts.show({ message: undoneWords(verdict ?? state.past.findLast((past) => past.item.id === first?.id)?.verdict, items) });
  };

  const decide = (items: QueueItem[], verdict: Verdict, { items: listed, view, selected, undoKey }: Listed) => {
    const [only] = items;
    if (!only) return;
    if (items.length === 1 && verdict.kind === "assign" && only.assignee === verdict.to) {
      toasts.show({ message: `${nameOf(only)} is ${verdict.to === null ? "nobody" : verdict.to}’s already.` });
      return;
    }
    const undoing = (done: QueueItem[]) => {
      const undone = done.slice(-UNDO_DEPTH);
      return { label: undone.length < done.length ? `Undo the last ${UNDO_DEPTH}` : "Undo", run: () => takeBack(undone, verdict) };
    };
    desk.decide(items, verdict, timeSpent(only.id), (done, refused, message) =>
      toasts.show({ message: someDoneWords(verdict, done.length, refused, message), tone: "bad", action: undoing(done) }),
    );
    const leaving = new Set(leaves(verdict, view) ? items.map(({ id }) => id) : []);
    if (selected !== null && leaving.has(selected)) select(neighbourOf(listed, selected, leaving)?.id ?? null);
    toasts.show({ message: doneWords(verdict, items), action: { ...undoing(items), key: items.length === 1 ? undoKey : undefined } });
  };

  const undoLast = async () => {
    const last = state.past.at(-1);
    if (last) {
      takeBack([last.item], last.verdict);
      return;
    }
    const known = await desk.latestKnown();
    if (known) setOlder(known);
    else if (known === null) toasts.show({ message: "You have no decision left to take back." });
  };

  /** What was asked about: a decision from before this session. */
  const takeOlderBack = async ({ id }: OwnDecision) => {
    setOlder(null);
    const undone = await desk.undoKnown(id);
    if (!undone) return;
    const { item, decision } = undone;
    toasts.show({ message: `Taken back: ${nounOf(decision.kind)} of ${item ? nameOf(item) : `lead ${decision.lead}`}` });
    if (item) select(item.id, { status: "pending" });
  };

  return { state, isDecided: desk.isDecided, type: desk.type, decide, takeBack, undoLast, older, takeOlderBack, leaveOlder: () => setOlder(null) };
}

function leaves({ kind }: Verdict, view: QueueView): boolean {
  if (kind === "assign") return false;
  return kind === "snooze" ? view === "pending" : kind === "wake" ? view === "snoozed" : true;
}
