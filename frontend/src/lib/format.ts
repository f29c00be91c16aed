/** Numbers and times as people read them. What is not known is a dash, never 0. */

export const UNKNOWN = "–";

type Maybe<T> = T | null | undefined;

const whole = new Intl.NumberFormat("en");
const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const date = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export function formatCount(value: Maybe<number>): string {
  return value == null ? UNKNOWN : whole.format(value);
}

/** 1,234 stays exact up to 9,999; above, 12.3K. */
export function formatCompact(value: Maybe<number>): string {
  if (value == null) return UNKNOWN;
  return Math.abs(value) < 10_000 ? whole.format(value) : compact.format(value);
}

export function formatPercent(share: Maybe<number>): string {
  if (share == null || !Number.isFinite(share)) return UNKNOWN;
  const percent = share * 100;
  return `${percent > 0 && percent < 1 ? "<1" : Math.round(percent)}%`;
}

/** Dollars as the server writes them ("4.50"): to the cent, below a cent as they are. */
export function formatUsd(value: Maybe<string>): string {
  if (value == null) return UNKNOWN;
  const amount = Number(value);
  return amount > 0 && amount < 0.01 ? `$${amount}` : dollars.format(amount);
}

export function formatScore(score: Maybe<number>): string {
  return score == null ? UNKNOWN : score.toFixed(1);
}

/** +3.5 or −2.0, with a real minus sign. */
export function formatSigned(points: number): string {
  const size = Math.abs(points).toFixed(1);
  if (size === "0.0") return "0.0";
  return `${points < 0 ? "−" : "+"}${size}`;
}

export function formatDateTime(value: Maybe<string>): string {
  return value ? dateTime.format(new Date(value)) : UNKNOWN;
}

export function formatDate(value: Maybe<string>): string {
  return value ? date.format(new Date(value)) : UNKNOWN;
}

/** A day with its year, the same in every time zone. */
export function formatCalendarDate(value: string): string {
  return date.format(new Date(`${value}T12:00:00`));
}

/** "3 Nov" for a calendar day such as 2026-11-03. */
export function formatDay(value: string): string {
  return day.format(new Date(`${value}T00:00:00Z`));
}

export function formatClock(value: string): string {
  return clock.format(new Date(value));
}

const SPANS: [seconds: number, suffix: string][] = [
  [31_536_000, "y"],
  [2_592_000, "mo"],
  [604_800, "w"],
  [86_400, "d"],
  [3_600, "h"],
  [60, "m"],
];

/** How long ago, in its largest unit: 5m, 3h, 2d. */
export function formatAge(value: Maybe<string>, now: number = Date.now()): string {
  if (!value) return UNKNOWN;
  const seconds = Math.max(0, (now - new Date(value).getTime()) / 1000);
  for (const [size, suffix] of SPANS) {
    if (seconds >= size) return `${Math.floor(seconds / size)}${suffix}`;
  }
  return "now";
}

export function formatDuration(seconds: Maybe<number>): string {
  if (seconds == null) return UNKNOWN;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const rounded = Math.round(seconds);
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return `${minutes} min ${rounded % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** wrong_tone -> Wrong tone */
export function humanize(code: string): string {
  const words = code.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
