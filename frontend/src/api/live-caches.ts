import type { QueryClient } from "@tanstack/react-query";
import { runQuery } from "./get-run";
import { accountsKey } from "./list-accounts";
import { labelsKey, nextLabelQuery } from "./next-label";
import { leadsKey } from "./list-leads";
import { leadQuery } from "./get-lead";
import { outcomesQuery } from "./list-outcomes";
import { pausesQuery } from "./list-pauses";
import { queueKey } from "./list-queue";
import { runsKey, runsQuery } from "./list-runs";
import { schedulesKey } from "./list-schedules";
import type { LiveEvent, QueryProgress, Run } from "./types";

/** What one event changes in what is already on screen. Lists that people read are not pulled from under them. */
export function applyToCaches(queries: QueryClient, project: string, event: LiveEvent, refreshStats: () => void): void {
  switch (event.type) {
    case "pipeline_progress":
      applyProgress(queries, project, event);
      return;
    case "run_finished":
      void queries.invalidateQueries({ queryKey: runsKey(project) });
      void queries.invalidateQueries({ queryKey: schedulesKey(project) });
      if (event.run !== null) void queries.invalidateQueries({ queryKey: runQuery(event.run).queryKey });
      markStale(queries, [leadsKey(project), queueKey(project)]);
      refreshLabels(queries, project);
      refreshStats();
      return;
    case "queue_update":
      if ("sending" in event.detail) {
        void queries.invalidateQueries({ queryKey: pausesQuery(project).queryKey });
        return;
      }
      if ("outcome" in event.detail) {
        void queries.invalidateQueries({ queryKey: outcomesQuery(Number(event.detail.lead)).queryKey });
        refreshStats();
        return;
      }
      if ("hold" in event.detail) return; // who has a draft before them: the queue's page itself shows it
      if ("sequence" in event.detail || "delivery" in event.detail) void queries.invalidateQueries({ queryKey: leadQuery(Number(event.detail.lead)).queryKey });
      markStale(queries, [queueKey(project)]);
      refreshStats();
      return;
    case "account_update":
      void queries.invalidateQueries({ queryKey: accountsKey });
      return;
    case "new_lead":
      markStale(queries, [leadsKey(project)]);
      return;
  }
}

function markStale(queries: QueryClient, keys: (readonly string[])[]): void {
  for (const queryKey of keys) void queries.invalidateQueries({ queryKey, refetchType: "none" });
}

/** A run may have drawn posts for the blind review. Whoever has one before them keeps it. */
function refreshLabels(queries: QueryClient, project: string): void {
  void queries.invalidateQueries({ queryKey: [...labelsKey(project), "waiting"] });
  const next = nextLabelQuery(project);
  if (queries.getQueryData(next.queryKey)?.task === null) void queries.invalidateQueries({ queryKey: next.queryKey });
}

function applyProgress(queries: QueryClient, project: string, event: LiveEvent): void {
  const id = event.run;
  if (id === null) return;
  const change = (run: Run): Run => (run.id === id ? advance(run, event) : run);
  queries.setQueryData(runQuery(id).queryKey, (run) => run && change(run));
  let known = false;
  queries.setQueryData(runsQuery(project).queryKey, (data) => {
    if (!data) return data;
    known = data.pages.some((page) => page.results.some((run) => run.id === id));
    return { ...data, pages: data.pages.map((page) => ({ ...page, results: page.results.map(change) })) };
  });
  if (!known) void queries.invalidateQueries({ queryKey: runsKey(project) });
}

/** A run as it stands after an event: its status (no stage named), or one stage's counts. */
export function advance(run: Run, event: LiveEvent): Run {
  if (event.stage === "") {
    const status = event.detail.status;
    if (!isStatus(status)) return run;
    const started = status === "running" ? (run.started_at ?? event.at) : run.started_at;
    return { ...run, status, started_at: started };
  }
  const before = run.stages[event.stage];
  const count = (name: string): number => Number(event.detail[name] ?? 0);
  const stage = {
    done: count("done"),
    failed: count("failed"),
    skipped: count("skipped"),
    seconds: before?.seconds ?? 0,
    problems: before?.problems ?? [],
    reasons: before?.reasons ?? {},
    figures: before?.figures ?? {},
    notes: before?.notes ?? [],
    queries: { ...before?.queries, ...queryIn(event) },
  };
  return { ...run, stages: { ...run.stages, [event.stage]: stage } };
}

/** How far one query is, where the event tells of one. */
function queryIn(event: LiveEvent): Run["stages"][string]["queries"] {
  const told = event.detail.query;
  if (typeof told !== "object" || told === null || !("label" in told) || typeof told.label !== "string") return {};
  const { label, ...progress } = told as { label: string } & QueryProgress;
  return { [label]: progress };
}

const STATUSES: readonly string[] = ["queued", "running", "succeeded", "partial", "failed", "cancelled"] satisfies Run["status"][];

function isStatus(value: unknown): value is Run["status"] {
  return typeof value === "string" && STATUSES.includes(value);
}
