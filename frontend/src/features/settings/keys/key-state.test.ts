import { describe, expect, it } from "vitest";
import { expiryOf, stateOf } from "./key-state";

const NOW = Date.parse("2026-11-20T12:00:00Z");

describe("a key", () => {
  it("is active until it expires or is revoked", () => {
    expect(stateOf({ revoked_at: null, expires_at: null }, NOW)).toBe("active");
    expect(stateOf({ revoked_at: null, expires_at: "2026-11-20T12:00:01Z" }, NOW)).toBe("active");
    expect(stateOf({ revoked_at: null, expires_at: "2026-11-20T12:00:00Z" }, NOW)).toBe("expired");
    expect(stateOf({ revoked_at: "2026-11-01T00:00:00Z", expires_at: "2026-11-02T00:00:00Z" }, NOW)).toBe("revoked");
  });

  it("lasts as many days as were chosen, or without end", () => {
    expect(expiryOf(30, NOW)).toBe("2026-12-20T12:00:00.000Z");
    expect(expiryOf(null, NOW)).toBeNull();
  });
});
