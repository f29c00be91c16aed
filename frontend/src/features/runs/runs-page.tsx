import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { isLive, useRuns } from "@/api/list-runs";
import { useMay, useProject } from "@/api/session";
import type { Run } from "@/api/types";
import { RunDuration } from "@/components/run/run-duration";
import { StartRunDialog } from "@/components/run/start-run-dialog";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, ErrorState, Loading, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatCount, humanize } from "@/lib/format";
import { useTitle } from "@/lib/use-title";
import { Schedules } from "./schedules";

const ROW =
  "grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 md:grid-cols-[4rem_7rem_minmax(0,1fr)_9rem_6rem_5.5rem] md:px-5";

export function RunsPage() {
  useTitle("Runs");
  const { slug } = useProject();
  const mayRun = useMay("reviewer");
  const runs = useRuns(slug);
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const rows = runs.data?.pages.flatMap((page) => page.results) ?? [];
  const live = rows.some(isLive);

  const runButton = mayRun && (
    <Button look="primary" icon="runs" disabled={live} onClick={() => setAsking(true)}>
      {live ? "Run in progress" : "Run"}
    </Button>
  );

  return (
    <>
      <PageHeader title="Runs" aside={runButton} />
      <div className="grow overflow-y-auto bg-surface thin-scroll">
        <Schedules project={slug} />
        {runs.isPending ? (
          <Loading what="runs">
            {Array.from({ length: 6 }, (_, index) => (
              <div key={index} className="flex h-13 items-center border-b border-line px-5">
                <Skeleton className="h-3.5 w-full max-w-lg" />
              </div>
            ))}
          </Loading>
        ) : runs.isError && rows.length === 0 ? (
          <ErrorState error={runs.error} what="the runs" onRetry={() => void runs.refetch()} />
        ) : rows.length === 0 ? (
          <EmptyState icon="runs" title="No run yet" action={runButton}>
            A run collects posts, judges and scores them, and drafts replies to the best.
          </EmptyState>
        ) : (
          <>
            <div aria-hidden="true" className={`${ROW} sticky top-0 z-10 h-8 border-b border-line bg-surface text-xs text-muted max-md:hidden`}>
              <span>Run</span>
              <span>Status</span>
              <span>Stages</span>
              <span>Started by</span>
              <span className="text-right">Took</span>
              <span className="text-right">Age</span>
            </div>
            <ul aria-label="Runs">
              {rows.map((run) => (
                <RunRow key={run.id} project={slug} run={run} />
              ))}
            </ul>
            {runs.hasNextPage && (
              <div className="flex justify-center p-4">
                <Button onClick={() => void runs.fetchNextPage()} disabled={runs.isFetchingNextPage}>
                  {runs.isFetchingNextPage ? "Loading…" : "Show older runs"}
                </Button>
              </div>
            )}
          </>
        )}
      </div>
      {asking && <StartRunDialog project={slug} onClose={() => setAsking(false)} onStarted={(run) => void navigate(`/p/${slug}/runs/${run.id}`)} />}
    </>
  );
}

function RunRow({ project, run }: { project: string; run: Run }) {
  return (
    <li className="border-b border-line">
      <Link to={`/p/${project}/runs/${run.id}`} className={`${ROW} min-h-13 py-2 transition-colors hover:bg-hover focus-visible:-outline-offset-2`}>
        <span className="font-medium tabular-nums max-md:order-1">
          <span className="md:sr-only">Run </span>
          {run.id}
        </span>
        <span className="max-md:order-2">
          <Status value={run.status} />
        </span>
        <span className="truncate text-soft tabular-nums max-md:order-3 max-md:col-span-2">{summarize(run)}</span>
        <span className="truncate text-muted max-md:order-4">{run.requested_by ?? humanize(run.trigger)}</span>
        <span className="text-right text-muted max-md:hidden">
          <RunDuration run={run} />
        </span>
        <span className="text-right text-muted tabular-nums max-md:order-5">
          <TimeAgo value={run.created_at} />
        </span>
      </Link>
    </li>
  );
}

function summarize(run: Run): string {
  if (run.error) return run.error;
  const parts = Object.entries(run.stages).map(([name, { done, failed }]) => `${name} ${formatCount(done)}${failed ? ` (${formatCount(failed)} failed)` : ""}`);
  return parts.length ? humanize(parts.join(" · ")) : run.status === "queued" ? "Waiting for a worker" : "Nothing done";
}
