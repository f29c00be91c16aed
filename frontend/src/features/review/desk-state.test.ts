import { describe, expect, it } from "vitest";
import type { Verdict } from "@/api/decide-draft";
import { aDraft } from "@/testing/samples";
import { EMPTY_DESK, isHidden, neighbourOf, type PastDecision, UNDO_DEPTH, withDecisions, withReturn } from "./desk-state";

const decision = (id: number, verdict: Verdict = { kind: "approve" }): PastDecision => ({ item: aDraft(id), verdict, settled: Promise.resolve(true) });

describe("the desk", () => {
  it("hides what was decided and can take it back", () => {
    const decided = withDecisions(EMPTY_DESK, [decision(1)]);
    expect(isHidden(decided, 1, "pending", 0)).toBe(true);
    const returned = withReturn(decided, 1, "ana approved it");
    expect(isHidden(returned, 1, "pending", 0)).toBe(false);
    expect(returned.past).toEqual([]);
    expect(returned.notes.get(1)).toBe("ana approved it");
  });

  it("remembers the last twenty decisions, also of many at once", () => {
    const ids = Array.from({ length: 25 }, (_, index) => index + 1);
    const state = withDecisions(EMPTY_DESK, ids.map((id) => decision(id)));
    expect(state.past).toHaveLength(UNDO_DEPTH);
    expect(state.past[0]?.item.id).toBe(6);
    expect(state.hidden.size).toBe(25);
  });

  it("forgets a note once the draft is decided again", () => {
    const state = withDecisions(withReturn(EMPTY_DESK, 1, "too late"), [decision(1)]);
    expect(state.notes.size).toBe(0);
  });

  it("takes two decisions on one draft back one after the other", () => {
    const state = withDecisions(withDecisions(EMPTY_DESK, [decision(1, { kind: "assign", to: "ana" })]), [decision(1)]);
    expect(withReturn(state, 1).past.map(({ verdict }) => verdict.kind)).toEqual(["assign"]);
  });

  it("shows a snoozed draft among the snoozed, and again when its time has come; an assigned one stays", () => {
    const until = "2026-11-25T09:00:00Z";
    const state = withDecisions(EMPTY_DESK, [decision(1, { kind: "snooze", until }), decision(2, { kind: "assign", to: null })]);
    expect(isHidden(state, 1, "pending", Date.parse(until) - 1)).toBe(true);
    expect(isHidden(state, 1, "snoozed", Date.parse(until) - 1)).toBe(false);
    expect(isHidden(state, 1, "pending", Date.parse(until))).toBe(false);
    expect(isHidden(state, 2, "pending", 0)).toBe(false);
  });
});

describe("the next draft", () => {
  const items = [{ id: 1 }, { id: 2 }, { id: 3 }];

  it("is the one after, and at the end the one before", () => {
    expect(neighbourOf(items, 2)).toEqual({ id: 3 });
    expect(neighbourOf(items, 3)).toEqual({ id: 2 });
    expect(neighbourOf([{ id: 1 }], 1)).toBeUndefined();
  });

  it("is none of those that leave together", () => {
    expect(neighbourOf(items, 2, new Set([2, 3]))).toEqual({ id: 1 });
  });
});
