import { describe, expect, it } from "vitest";
import { formatAge, formatCalendarDate, formatCompact, formatCount, formatDuration, formatPercent, formatScore, formatSigned } from "./format";

describe("what is not known", () => {
  it("is a dash and never 0", () => {
    for (const shown of [formatCount(null), formatCompact(undefined), formatPercent(null), formatScore(null), formatAge(null), formatDuration(null)]) {
      expect(shown).toBe("–");
    }
    expect(formatCount(0)).toBe("0");
  });
});

describe("numbers", () => {
  it("stay exact while they are short", () => {
    expect(formatCompact(9_999)).toBe("9,999");
    expect(formatCompact(12_345)).toBe("12.3K");
  });

  it("never round a small share to nothing", () => {
    expect(formatPercent(0.004)).toBe("<1%");
    expect(formatPercent(0)).toBe("0%");
    expect(formatPercent(0.856)).toBe("86%");
  });

  it("carry their sign, and zero carries none", () => {
    expect([formatSigned(3.46), formatSigned(-2), formatSigned(-0.01)]).toEqual(["+3.5", "−2.0", "0.0"]);
  });
});

describe("times", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");

  it("are told in their largest unit", () => {
    expect(formatAge("2026-11-20T11:55:00Z", now)).toBe("5m");
    expect(formatAge("2026-11-18T11:00:00Z", now)).toBe("2d");
    expect(formatAge("2026-11-20T11:59:40Z", now)).toBe("now");
  });

  it("of a clock that runs ahead are now, not the future", () => {
    expect(formatAge("2026-11-20T12:05:00Z", now)).toBe("now");
  });

  it("that are whole days are the same day everywhere, with their year", () => {
    expect(formatCalendarDate("2026-11-02")).toBe("Nov 2, 2026");
  });

  it("never show 60 seconds", () => {
    expect(formatDuration(119.7)).toBe("2 min 0 s");
  });
});
