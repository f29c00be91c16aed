import { describe, expect, it } from "vitest";
import { isNarrowed, NO_FILTERS, readSearch, toApiFilters, writeSearch } from "./audit-filters";

const read = (search: string) => readSearch(new URLSearchParams(search));

describe("the log's filters", () => {
  it("come back from the address as they were written", () => {
    const search = { action: "draft.approve", actor: "job:retention", from: "2026-11-01", to: "2026-11-20" };
    expect(readSearch(writeSearch(new URLSearchParams(), search))).toEqual(search);
    expect(writeSearch(new URLSearchParams("action=a&from=2026-11-01"), NO_FILTERS).toString()).toBe("");
  });

  it("ignore days that are none", () => {
    expect(read("from=yesterday&to=2026-13-40")).toEqual(NO_FILTERS);
    expect(isNarrowed(read("from=0000-01-01"))).toBe(false);
  });

  it("reach from the first moment of one day to the last of another, where the reader is", () => {
    const { after, before } = toApiFilters(read("from=2026-11-01&to=2026-11-01"));
    expect(new Date(after ?? "")).toEqual(new Date(2026, 10, 1));
    expect(new Date(before ?? "")).toEqual(new Date(2026, 10, 2));
  });

  it("send only what narrows", () => {
    expect(toApiFilters(read("actor=rita"))).toEqual({ actor: "rita" });
  });
});
