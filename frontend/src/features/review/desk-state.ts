import type { Verdict } from "@/api/decide-draft";
import type { QueueView } from "@/api/list-queue";
import type { QueueItem } from "@/api/types";

/** What this person has decided in this session, before and after the server has said yes. Pure. */

export const UNDO_DEPTH = 20;

/** What somebody has typed on a draft and not saved. */
export interface Typed {
  text?: string | undefined;
  better?: string | undefined;
}

export interface PastDecision {
  /** As it was before. */
  item: QueueItem;
  verdict: Verdict;
  /** Whether the server took it, once it has answered. */
  settled: Promise<boolean>;
  /** What had been typed on it: it comes back with the draft. */
  typed?: Typed;
}

export interface DeskState {
  /** Drafts that have left a list already, whatever a list read a moment earlier says, and what took them off. */
  hidden: ReadonlyMap<number, Verdict>;
  /** Oldest first. */
  past: readonly PastDecision[];
  /** Why a draft came back. */
  notes: ReadonlyMap<number, string>;
  /** By draft, until it is decided or the session ends. */
  typed: ReadonlyMap<number, Typed>;
  /** By draft, its latest undo, which ends when the server has answered: a new decision comes after it. */
  undoing: ReadonlyMap<number, Promise<void>>;
}

export const EMPTY_DESK: DeskState = { hidden: new Map(), past: [], notes: new Map(), typed: new Map(), undoing: new Map() };

export function withDecisions(state: DeskState, decisions: readonly PastDecision[]): DeskState {
  const hidden = new Map(state.hidden);
  const notes = new Map(state.notes);
  const typed = new Map(state.typed);
  const made = decisions.map((decision) => {
    const { item, verdict } = decision;
    if (verdict.kind !== "assign") hidden.set(item.id, verdict);
    notes.delete(item.id);
    const written = writtenWith(verdict, typed.get(item.id));
    if (!written) return decision;
    typed.delete(item.id);
    return { ...decision, typed: written };
  });
  return { ...state, hidden, past: [...state.past, ...made].slice(-UNDO_DEPTH), notes, typed };
}

/** What a decision takes along. One that is only about when or whose leaves what was typed where it is. */
function writtenWith(verdict: Verdict, typed: Typed | undefined): Typed | undefined {
  if (verdict.kind === "edit") return { ...typed, text: verdict.text };
  if (verdict.kind === "reject" && verdict.betterText) return { ...typed, better: verdict.betterText };
  return verdict.kind === "approve" || verdict.kind === "reject" ? typed : undefined;
}

/** Somebody types on; undefined: as it was. */
export function withTyped(state: DeskState, id: number, change: Typed): DeskState {
  const typed = new Map(state.typed);
  const now = { ...typed.get(id), ...change };
  if (now.text === undefined && now.better === undefined) typed.delete(id);
  else typed.set(id, now);
  return { ...state, typed };
}

/** A draft is back as it was, with what had been typed on it: its latest decision was refused, or taken back. */
export function withReturn(state: DeskState, id: number, note?: string): DeskState {
  const at = state.past.findLastIndex(({ item }) => item.id === id);
  const hidden = new Map(state.hidden);
  hidden.delete(id);
  const notes = new Map(state.notes);
  if (note === undefined) notes.delete(id);
  else notes.set(id, note);
  const typed = new Map(state.typed);
  const written = state.past[at]?.typed;
  if (written) typed.set(id, { ...written, ...typed.get(id) });
  return { ...state, hidden, past: at === -1 ? state.past : state.past.toSpliced(at, 1), notes, typed };
}

export function withUndo(state: DeskState, id: number, done: Promise<void>): DeskState {
  return { ...state, undoing: new Map(state.undoing).set(id, done) };
}

/** Whether a draft has left a list by what was decided here. A snoozed one is back when its time has come. */
export function isHidden({ hidden }: Pick<DeskState, "hidden">, id: number, view: QueueView, now: number): boolean {
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
