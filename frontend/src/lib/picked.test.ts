import { describe, expect, it } from "vitest";
import { MOST_PICKED, NO_PICKS, pickRange, togglePick } from "./picked";

const ids = (picks: { ids: ReadonlySet<number> }) => [...picks.ids].sort((a, b) => a - b);
const ORDER = Array.from({ length: 250 }, (_, index) => index + 1);

describe("selecting", () => {
  it("takes one in and out", () => {
    const one = togglePick(NO_PICKS, 3);
    expect(ids(one)).toEqual([3]);
    expect(ids(togglePick(one, 3))).toEqual([]);
  });

  it("takes all from the last one, up and down the list, and keeps what was selected", () => {
    const first = togglePick(NO_PICKS, 9);
    const more = togglePick(first, 3);
    expect(ids(pickRange(more, ORDER, 5))).toEqual([3, 4, 5, 9]);
    expect(ids(pickRange(more, ORDER, 1))).toEqual([1, 2, 3, 9]);
    expect(ids(pickRange(NO_PICKS, ORDER, 4))).toEqual([4]);
  });

  it("takes no more than the server does", () => {
    expect(pickRange(togglePick(NO_PICKS, 1), ORDER, 250).ids.size).toBe(MOST_PICKED);
  });
});
