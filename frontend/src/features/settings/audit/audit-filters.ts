import type { AuditFilters } from "@/api/list-audit";

/** What the log is narrowed to, as it stands in the address. Days are the reader's own, both included. */
export interface AuditSearch {
  action: string;
  actor: string;
  from: string;
  to: string;
}

export const NO_FILTERS: AuditSearch = { action: "", actor: "", from: "", to: "" };

const NAMES = ["action", "actor", "from", "to"] as const;

export function readSearch(params: URLSearchParams): AuditSearch {
  const text = (name: string) => (params.get(name) ?? "").trim();
  return { action: text("action"), actor: text("actor"), from: day(text("from")), to: day(text("to")) };
}

export function writeSearch(params: URLSearchParams, change: Partial<AuditSearch>): URLSearchParams {
  const next = { ...readSearch(params), ...change };
  const after = new URLSearchParams(params);
  for (const name of NAMES) {
    if (next[name]) after.set(name, next[name]);
    else after.delete(name);
  }
  return after;
}

export function toApiFilters({ action, actor, from, to }: AuditSearch): AuditFilters {
  const filters: AuditFilters = {};
  if (action) filters.action = action;
  if (actor) filters.actor = actor;
  if (from) filters.after = startOf(from).toISOString();
  if (to) filters.before = startOf(to, 1).toISOString();
  return filters;
}

export function isNarrowed(search: AuditSearch): boolean {
  return NAMES.some((name) => search[name] !== "");
}

/** Midnight where the reader is; `later` days on, whatever the clocks do in between. */
function startOf(value: string, later = 0): Date {
  const start = new Date(`${value}T00:00:00`);
  start.setDate(start.getDate() + later);
  return start;
}

/** Years that are still being typed are no days: 0002, 0020. */
export function isDay(value: string): boolean {
  return /^[12]\d{3}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(startOf(value).getTime());
}

function day(value: string): string {
  return isDay(value) ? value : "";
}
