import { describe, expect, it } from "vitest";
import { dayOf, morningOn, nextWeek, tomorrow } from "./snooze-times";

const at = (day: string, time = "15:30") => new Date(`${day}T${time}:00`);

describe("snoozing", () => {
  it("until tomorrow means its morning", () => {
    expect(tomorrow(at("2026-11-30"))).toEqual(at("2026-12-01", "09:00"));
  });

  it.each([
    ["2026-11-23", "2026-11-30"], // a Monday
    ["2026-11-24", "2026-11-30"],
    ["2026-11-29", "2026-11-30"], // a Sunday
  ])("until next week, on %s, means the morning of %s", (today, monday) => {
    expect(nextWeek(at(today))).toEqual(at(monday, "09:00"));
  });

  it("until a day takes only one to come", () => {
    expect(morningOn("2026-12-24", at("2026-11-24"))).toEqual(at("2026-12-24", "09:00"));
    expect(morningOn("2026-11-24", at("2026-11-24"))).toBeUndefined();
    expect(morningOn("", at("2026-11-24"))).toBeUndefined();
    expect(dayOf(at("2026-12-24"))).toBe("2026-12-24");
  });
});
