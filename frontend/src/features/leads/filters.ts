import type { LeadFilters } from "@/api/list-leads";

/** What the list is narrowed to, as it stands in the address. Empty means: not narrowed. */
export interface LeadSearch {
  q: string;
  label: string;
  stage: string;
  platform: string;
  query: string;
  language: string;
  /** A user name, "me", or "none": nobody's. */
  assignee: string;
  snoozed: "true" | "";
  min: string;
  max: string;
  sort: "score" | "newest";
}

export const NO_FILTERS: LeadSearch = { q: "", label: "", stage: "", platform: "", query: "", language: "", assignee: "", snoozed: "", min: "", max: "", sort: "score" };

export const LABELS = ["relevant", "maybe", "irrelevant"] as const;
export const STAGES = ["collected", "filtered", "normalized", "judged", "scored", "drafted", "reviewed", "gone"] as const;

const TEXTS = ["q", "label", "stage", "platform", "query", "language", "assignee", "snoozed", "min", "max"] as const;

/** What an address says; a value that cannot be is left out rather than sent. */
export function readSearch(params: URLSearchParams): LeadSearch {
  const text = (name: string) => (params.get(name) ?? "").trim();
  return {
    q: params.get("q") ?? "",
    label: oneOf(LABELS, text("label")),
    stage: oneOf(STAGES, text("stage")),
    platform: text("platform"),
    query: text("query"),
    language: text("language"),
    assignee: text("assignee"),
    snoozed: text("snoozed") === "true" ? "true" : "",
    min: points(text("min")),
    max: points(text("max")),
    sort: params.get("sort") === "newest" ? "newest" : "score",
  };
}

/** The address with a change made; what is not a filter (the open lead) stays. */
export function writeSearch(params: URLSearchParams, change: Partial<LeadSearch>): URLSearchParams {
  const next = { ...readSearch(params), ...change };
  const after = new URLSearchParams(params);
  for (const name of TEXTS) {
    if (next[name]) after.set(name, next[name]);
    else after.delete(name);
  }
  if (next.sort === "newest") after.set("sort", "newest");
  else after.delete("sort");
  return after;
}

export function toApiFilters(search: LeadSearch): LeadFilters {
  const filters: LeadFilters = { ordering: search.sort === "newest" ? "created" : "score" };
  if (search.q.trim()) filters.q = search.q.trim();
  if (search.label) filters.label = search.label as LeadFilters["label"];
  if (search.stage) filters.stage = search.stage as LeadFilters["stage"];
  if (search.platform) filters.platform = search.platform;
  if (search.query) filters.query = search.query;
  if (search.language) filters.language = search.language;
  if (search.assignee) filters.assignee = search.assignee;
  if (search.snoozed) filters.snoozed = search.snoozed;
  if (search.min) filters.min_score = Number(search.min);
  if (search.max) filters.max_score = Number(search.max);
  return filters;
}

/** The filters in force that the bar does not show by itself, in words. */
export function namedFilters(search: LeadSearch): { names: (keyof LeadSearch)[]; text: string }[] {
  const named: { names: (keyof LeadSearch)[]; text: string }[] = [];
  if (search.stage) named.push({ names: ["stage"], text: `Stage: ${search.stage}` });
  if (search.min || search.max) named.push({ names: ["min", "max"], text: `Score: ${range(search.min, search.max)}` });
  if (search.platform) named.push({ names: ["platform"], text: `Platform: ${search.platform}` });
  if (search.query) named.push({ names: ["query"], text: `Query: ${search.query}` });
  if (search.language) named.push({ names: ["language"], text: `Language: ${search.language}` });
  if (search.assignee) named.push({ names: ["assignee"], text: `Assigned to: ${search.assignee === "none" ? "nobody" : search.assignee}` });
  if (search.snoozed) named.push({ names: ["snoozed"], text: "Snoozed" });
  return named;
}

export function isNarrowed(search: LeadSearch): boolean {
  return TEXTS.some((name) => search[name].trim() !== "");
}

function range(min: string, max: string): string {
  if (!max) return `${min} or more`;
  return min ? `${min} to ${max}` : `up to ${max}`;
}

function oneOf(values: readonly string[], value: string): string {
  return values.includes(value) ? value : "";
}

function points(value: string): string {
  const number = Number(value);
  return value !== "" && Number.isFinite(number) && number >= 0 && number <= 100 ? String(number) : "";
}
