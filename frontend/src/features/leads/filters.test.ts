import { describe, expect, it } from "vitest";
import { isNarrowed, namedFilters, NO_FILTERS, readSearch, toApiFilters, writeSearch } from "./filters";

const read = (search: string) => readSearch(new URLSearchParams(search));

describe("filters in the address", () => {
  it("come back as they were written", () => {
    const search = { ...NO_FILTERS, q: "late fees", label: "maybe", stage: "scored", platform: "x", query: "a & b", language: "de", min: "10", max: "90.5", sort: "newest" } as const;
    expect(readSearch(writeSearch(new URLSearchParams(), search))).toEqual(search);
  });

  it("leave the address clean when nothing is narrowed", () => {
    expect(writeSearch(new URLSearchParams("label=maybe&sort=newest"), NO_FILTERS).toString()).toBe("");
  });

  it("keep the open lead when they change", () => {
    expect(writeSearch(new URLSearchParams("lead=7"), { label: "relevant" }).get("lead")).toBe("7");
  });

  it("ignore values that cannot be", () => {
    expect(read("label=nice&stage=done&min=abc&max=400&sort=luck")).toEqual(NO_FILTERS);
  });
});

describe("filters for the server", () => {
  it("send only what narrows, under the server's names", () => {
    expect(toApiFilters(read("min=20&label=relevant&q=%20tool%20"))).toEqual({ ordering: "score", q: "tool", label: "relevant", min_score: 20 });
    expect(toApiFilters(read("sort=newest"))).toEqual({ ordering: "created" });
  });

  it("send a lower bound of zero", () => {
    expect(toApiFilters(read("min=0")).min_score).toBe(0);
  });
});

describe("filters in words", () => {
  it("name a score range", () => {
    const words = (search: string) => namedFilters(read(search)).map((named) => named.text);
    expect(words("min=20&max=60")).toEqual(["Score: 20 to 60"]);
    expect(words("max=60")).toEqual(["Score: up to 60"]);
    expect(words("min=20&platform=x")).toEqual(["Score: 20 or more", "Platform: x"]);
  });

  it("do not count the order as narrowing", () => {
    expect(isNarrowed(read("sort=newest"))).toBe(false);
    expect(isNarrowed(read("q=x"))).toBe(true);
  });
});
