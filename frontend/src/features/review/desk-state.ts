import type { Verdict } from "@/api/decide-draft";
import type { QueueItem } from "@/api/types";

/** What this person has decided in this session, before and after the server has said yes. Pure. */

export const UNDO_DEPTH = 20;

export interface PastDecision {
  item: QueueItem;
  verdict: Verdict;
  /** Whether the server took it, once it has answered. */
  settled: Promise<boolean>;
}

export interface DeskState {
  /** Drafts that are off the pending list already, whatever a list read a moment earlier says. */
  hidden: ReadonlySet<number>;
  /** Oldest first. */
  past: readonly PastDecision[];
  /** Why a draft came back. */
  notes: ReadonlyMap<number, string>;
}

export const EMPTY_DESK: DeskState = { hidden: new Set(), past: [], notes: new Map() };

export function withDecision(state: DeskState, decision: PastDecision): DeskState {
  const id = decision.item.id;
  return {
    hidden: new Set([...state.hidden, id]),
    past: [...state.past.filter((other) => other.item.id !== id), decision].slice(-UNDO_DEPTH),
    notes: without(state.notes, id),
  };
}

/** The draft is back on the list: its decision was refused, or taken back. */
export function withReturn(state: DeskState, id: number, note?: string): DeskState {
  const hidden = new Set(state.hidden);
  hidden.delete(id);
  const notes = note === undefined ? without(state.notes, id) : new Map(state.notes).set(id, note);
  return { hidden, past: state.past.filter((other) => other.item.id !== id), notes };
}

/** Where the eye goes when a draft leaves the list: to the one after it, at the end to the one before. */
export function neighbourOf<T extends { id: number }>(items: readonly T[], id: number): T | undefined {
  const index = items.findIndex((item) => item.id === id);
  return index === -1 ? items[0] : (items[index + 1] ?? items[index - 1]);
}

function without<V>(map: ReadonlyMap<number, V>, id: number): ReadonlyMap<number, V> {
  if (!map.has(id)) return map;
  const rest = new Map(map);
  rest.delete(id);
  return rest;
}
