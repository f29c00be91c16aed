import { describe, expect, it } from "vitest";
import { defaultKeys, type KeyAction, keyOf, readKeys, refusalOf, writeKeys } from "./key-map";

type Name = "approve" | "next";
const ACTIONS: readonly KeyAction<Name>[] = [
  { name: "approve", key: "a", meaning: "Approve it" },
  { name: "next", key: "j", meaning: "Next draft" },
];
const keys = defaultKeys(ACTIONS);

describe("a key map", () => {
  it("keeps what differs from the defaults, and reads it again", () => {
    const changed = { ...keys, approve: "y" };
    expect(writeKeys(ACTIONS, changed)).toBe('{"approve":"y"}');
    expect(readKeys(ACTIONS, '{"approve":"y"}')).toEqual(changed);
    expect(writeKeys(ACTIONS, keys)).toBeNull();
  });

  it.each([null, "{", "[]", '{"approve":"j"}', '{"approve":"7","other":"z"}', '{"approve":3}'])("that cannot be is the default one (%s)", (kept) => {
    expect(readKeys(ACTIONS, kept)).toEqual(keys);
  });

  it("refuses a key that another action has, digits and keys with a name", () => {
    expect(refusalOf(ACTIONS, keys, "approve", "j")).toBe("“j” is taken: Next draft.");
    for (const key of ["7", "Enter", " "]) expect(refusalOf(ACTIONS, keys, "approve", key)).toMatch(/cannot be used/);
    expect(refusalOf(ACTIONS, keys, "approve", "a")).toBeUndefined();
    expect(refusalOf(ACTIONS, keys, "approve", "ж")).toBeUndefined();
  });

  it("knows a letter whatever Shift and caps lock do", () => {
    expect(keyOf({ key: "A" })).toBe("a");
    expect(keyOf({ key: "Escape" })).toBe("Escape");
  });
});
