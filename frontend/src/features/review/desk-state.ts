import type { Verdict } from "@/api/decide-draft";
import type { QueueView } from "@/api/list-queue";
import type { QueueItem } from "@/api/types";

/** What this person has decided in this session, before and after the server has said yes. Pure. */

export const UNDO_DEPTH = 20;

export interface PastDecision {
  /** As it was before. */
  item: QueueItem;
  verdict: Verdict;
  /** Whether the server took it, once it has answered. */
  settled: Promise<boolean>;
}

export interface DeskState {
  /** Drafts that have left a list already, whatever a list read a moment earlier says, and what took them off. */
  hidden: ReadonlyMap<number, Verdict>;
  /** Oldest first. */
  past: readonly PastDecision[];
  /** Why a draft came back. */
  notes: ReadonlyMap<number, string>;
}

export const EMPTY_DESK: DeskState = { hidden: new Map(), past: [], notes: new Map() };

export function withDecisions(state: DeskState, decisions: readonly PastDecision[]): DeskState {
  const hidden = new Map(state.hidden);
  const notes = new Map(state.notes);
  for (const { item, verdict } of decisions) {
    if (verdict.kind !== "assign") hidden.set(item.id, verdict);
    notes.delete(item.id);
  }
  return { hidden, past: [...state.past, ...decisions].slice(-UNDO_DEPTH), notes };
}

/** A draft is back as it was: its latest decision was refused, or taken back. */
export function withReturn(state: DeskState, id: number, note?: string): DeskState {
  const at = state.past.findLastIndex(({ item }) => item.id === id);
  const hidden = new Map(state.hidden);
  hidden.delete(id);
  const notes = new Map(state.notes);
  if (note === undefined) notes.delete(id);
  else notes.set(id, note);
  return { hidden, past: at === -1 ? state.past : state.past.toSpliced(at, 1), notes };
}

/** Whether a draft has left a list by what was decided here. A snoozed one is back when its time has come. */
export function isHidden({ hidden }: DeskState, id: number, view: QueueView, now: number): boolean {
  const verdict = hidden.get(id);
  if (!verdict) return false;
  if (verdict.kind === "snooze") return view === "pending" && Date.parse(verdict.until) > now;
  if (verdict.kind === "wake") return view === "snoozed";
  return view === "pending" || view === "snoozed";
}

/** Where the eye goes when drafts leave the list: to the first after the open one that stays, at the end to the one before. */
export function neighbourOf<T extends { id: number }>(items: readonly T[], id: number, leaving: ReadonlySet<number> = new Set([id])): T | undefined {
  const index = items.findIndex((item) => item.id === id);
  const stays = (item: T) => !leaving.has(item.id);
  return items.slice(Math.max(index, 0)).find(stays) ?? items.slice(0, Math.max(index, 0)).findLast(stays);
}
