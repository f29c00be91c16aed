import { describe, expect, it } from "vitest";
import { aDraft } from "@/testing/samples";
import { EMPTY_DESK, neighbourOf, type PastDecision, UNDO_DEPTH, withDecision, withReturn } from "./desk-state";

const decision = (id: number): PastDecision => ({ item: aDraft(id), verdict: { kind: "approve" }, settled: Promise.resolve(true) });

describe("the desk", () => {
  it("hides what was decided and can take it back", () => {
    const decided = withDecision(EMPTY_DESK, decision(1));
    expect([...decided.hidden]).toEqual([1]);
    const returned = withReturn(decided, 1, "ana approved it");
    expect([...returned.hidden]).toEqual([]);
    expect(returned.past).toEqual([]);
    expect(returned.notes.get(1)).toBe("ana approved it");
  });

  it("remembers the last twenty decisions", () => {
    let state = EMPTY_DESK;
    for (let id = 1; id <= 25; id += 1) state = withDecision(state, decision(id));
    expect(state.past).toHaveLength(UNDO_DEPTH);
    expect(state.past[0]?.item.id).toBe(6);
    expect(state.hidden.size).toBe(25);
  });

  it("forgets a note once the draft is decided again", () => {
    const state = withDecision(withReturn(EMPTY_DESK, 1, "too late"), decision(1));
    expect(state.notes.size).toBe(0);
  });
});

describe("the next draft", () => {
  const items = [{ id: 1 }, { id: 2 }, { id: 3 }];

  it("is the one after, and at the end the one before", () => {
    expect(neighbourOf(items, 2)).toEqual({ id: 3 });
    expect(neighbourOf(items, 3)).toEqual({ id: 2 });
    expect(neighbourOf([{ id: 1 }], 1)).toBeUndefined();
  });
});
