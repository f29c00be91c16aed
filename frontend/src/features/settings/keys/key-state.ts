import type { ApiKey } from "@/api/types";

export type KeyState = "active" | "revoked" | "expired";

export function stateOf(key: Pick<ApiKey, "revoked_at" | "expires_at">, now: number): KeyState {
  if (key.revoked_at) return "revoked";
  return key.expires_at && new Date(key.expires_at).getTime() <= now ? "expired" : "active";
}

/** How long a key lasts, in days; null: until it is revoked. */
export const LIFETIMES: { days: number | null; label: string }[] = [
  { days: 30, label: "30 days" },
  { days: 90, label: "90 days" },
  { days: 365, label: "1 year" },
  { days: null, label: "Never, until it is revoked" },
];

const DAY = 86_400_000;

export function expiryOf(days: number | null, now: number): string | null {
  return days === null ? null : new Date(now + days * DAY).toISOString();
}
