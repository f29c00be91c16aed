import { Link } from "react-router";
import { isLive, useRuns } from "@/api/list-runs";
import type { Run } from "@/api/types";
import { CancelRunButton } from "@/components/run/cancel-run-button";
import { EventFeed } from "@/components/run/event-feed";
import { useEventsOfRun } from "@/components/run/run-events";
import { RunDuration } from "@/components/run/run-duration";
import { StageProgress } from "@/components/run/stage-progress";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/page";
import { EmptyState, ErrorState, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";

export function RunPanel({ project, mayRun, onRun }: { project: string; mayRun: boolean; onRun: () => void }) {
  const runs = useRuns(project);
  const run = runs.data?.pages[0]?.results[0];
  if (run) return <LatestRun project={project} run={run} mayRun={mayRun} />;
  return (
    <Panel title="Latest run">
      {runs.isPending ? (
        <Skeleton className="mx-4 mt-2 mb-4 h-40" />
      ) : runs.isError ? (
        <ErrorState error={runs.error} what="the runs" onRetry={() => void runs.refetch()} className="py-6" />
      ) : (
        <EmptyState
          icon="runs"
          title="No run yet"
          className="py-6"
          action={
            mayRun && (
              <Button look="primary" icon="runs" onClick={onRun}>
                Run the pipeline
              </Button>
            )
          }
        >
          A run collects posts, judges and scores them, and drafts replies.
        </EmptyState>
      )}
    </Panel>
  );
}

function LatestRun({ project, run, mayRun }: { project: string; run: Run; mayRun: boolean }) {
  const live = isLive(run);
  const { events, isPending } = useEventsOfRun(run.id);
  return (
    <Panel
      title={live ? "Live run" : "Latest run"}
      aside={live && mayRun ? <CancelRunButton key={run.id} project={project} id={run.id} /> : <TimeAgo value={run.finished_at ?? run.created_at} className="text-xs text-muted" />}
    >
      <div className="px-4 pb-4">
        <p className="mb-3 flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <Status value={run.status} />
          <Link to={`/p/${project}/runs/${run.id}`} className="font-medium text-accent-text hover:underline">
            Run {run.id}
          </Link>
          <span className="text-xs text-muted">
            <RunDuration run={run} />
          </span>
        </p>
        {run.status === "queued" && <p className="mb-3 text-muted">Waiting for a worker to take it.</p>}
        <StageProgress run={run} events={events} />
        <h3 className="mt-5 mb-1 text-xs font-semibold text-muted">Activity</h3>
        <div className="h-52 overflow-y-auto thin-scroll" tabIndex={0} role="region" aria-label="Activity of the run">
          {isPending ? (
            <div className="flex flex-col gap-2.5 pt-1">
              {[70, 55, 62].map((width) => (
                <Skeleton key={width} className="h-3.5 w-2/3" />
              ))}
            </div>
          ) : events.length > 0 ? (
            <EventFeed project={project} events={events} limit={40} />
          ) : (
            <p className="py-1 text-muted">Nothing has happened yet.</p>
          )}
        </div>
      </div>
    </Panel>
  );
}
