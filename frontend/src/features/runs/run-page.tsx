import { Link, useNavigate, useParams } from "react-router";
import { useRun } from "@/api/get-run";
import { isLive } from "@/api/list-runs";
import { useMay, useProject } from "@/api/session";
import type { LiveEvent, Run } from "@/api/types";
import { CancelRunButton } from "@/components/run/cancel-run-button";
import { EventFeed } from "@/components/run/event-feed";
import { RunDuration } from "@/components/run/run-duration";
import { QueryList } from "@/components/run/query-list";
import { canRetry, RetryRunButton } from "@/components/run/retry-run-button";
import { useEventsOfRun } from "@/components/run/run-events";
import { StageProgress } from "@/components/run/stage-progress";
import { Icon } from "@/components/ui/icon";
import { PageHeader, Panel } from "@/components/ui/page";
import { EmptyState, ErrorState, Loading, Notice, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { formatCount, formatDateTime, humanize, plural, UNKNOWN } from "@/lib/format";
import { useTitle } from "@/lib/use-title";

export function RunPage() {
  const id = Number(useParams().run);
  const { slug } = useProject();
  const mayRun = useMay("reviewer");
  useTitle(`Run ${id}`);
  const run = useRun(id);
  const feed = useEventsOfRun(id);
  const navigate = useNavigate();

  const action = run.data?.project === slug && mayRun && (
    <>
      {isLive(run.data) && <CancelRunButton key={id} project={slug} id={id} />}
      {canRetry(run.data) && <RetryRunButton key={id} project={slug} id={id} onStarted={(started) => void navigate(`/p/${slug}/runs/${started.id}`)} />}
    </>
  );

  return (
    <>
      <PageHeader title={`Run ${id}`} aside={action}>
        <Link to={`/p/${slug}/runs`} className="order-first -ml-1 inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text">
          <Icon name="chevronLeft" />
          <span className="sr-only">All runs</span>
        </Link>
        {run.data && <Status value={run.data.status} />}
      </PageHeader>
      <div className="grow overflow-y-auto thin-scroll" tabIndex={0} role="region" aria-label={`Run ${id}`}>
        {run.isPending ? (
          <Loading what="the run" className="mx-auto grid max-w-340 gap-4 p-4 md:p-5 lg:grid-cols-2">
            <Skeleton className="h-72 rounded-lg" />
            <Skeleton className="h-72 rounded-lg" />
          </Loading>
        ) : run.isError && !run.data ? (
          <ErrorState error={run.error} what="this run" onRetry={() => void run.refetch()} />
        ) : run.data.project !== slug ? (
          <EmptyState icon="search" title="Not a run of this project">
            Run {id} belongs to {run.data.project}.
          </EmptyState>
        ) : (
          <div className="mx-auto grid max-w-340 items-start gap-4 p-4 md:p-5 lg:grid-cols-2">
            <div className="flex min-w-0 flex-col gap-4">
              {run.data.error && <Notice>{run.data.error}</Notice>}
              <Panel title="Stages">
                <div className="px-4 pt-1 pb-4">
                  <StageProgress run={run.data} events={feed.events} />
                </div>
              </Panel>
              <Queries run={run.data} />
              <Reasons run={run.data} />
              <Sentences title="Problems" run={run.data} of={(stage) => stage.problems} />
              <Sentences title="How it went" run={run.data} of={(stage) => stage.notes} />
              <Facts run={run.data} />
            </div>
            <Feed project={slug} feed={feed} live={isLive(run.data)} />
          </div>
        )}
      </div>
    </>
  );
}

function Queries({ run }: { run: Run }) {
  const queries = run.stages.collect?.queries ?? {};
  if (Object.keys(queries).length === 0) return null;
  return (
    <Panel title="Queries">
      <QueryList queries={queries} live={isLive(run)} />
    </Panel>
  );
}

const REASONS: Record<string, string> = {
  language: "Another language",
  followers: "Too few or too many followers",
  verified: "Not verified",
  bio: "Excluded by the bio",
  copy: "Copies of another lead",
  empty: "No text that can be read",
  excluded_keyword: "Excluded keyword",
};

/** Why leads went no further, counted by kind. */
function Reasons({ run }: { run: Run }) {
  const counts = Object.values(run.stages).flatMap((stage) => Object.entries(stage.reasons));
  if (counts.length === 0) return null;
  return (
    <Panel title="Filtered out">
      <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-1.5 px-4 pt-1 pb-4">
        {counts
          .toSorted(([, a], [, b]) => b - a)
          .map(([kind, count]) => (
            <Fact key={kind} label={REASONS[kind] ?? humanize(kind)}>
              <span className="tabular-nums">{formatCount(count)}</span>
            </Fact>
          ))}
      </dl>
    </Panel>
  );
}

/** What went wrong on the way, or what else is worth telling, stage by stage, in the server's words. */
function Sentences({ title, run, of }: { title: string; run: Run; of: (stage: Run["stages"][string]) => string[] }) {
  const stages = Object.entries(run.stages)
    .map(([name, stage]) => [name, of(stage)] as const)
    .filter(([, sentences]) => sentences.length > 0);
  if (stages.length === 0) return null;
  return (
    <Panel title={title}>
      <dl className="grid grid-cols-[5rem_minmax(0,1fr)] gap-x-3 gap-y-2 px-4 pt-1 pb-4">
        {stages.map(([name, sentences]) => (
          <Fact key={name} label={humanize(name)}>
            <ul className="flex flex-col gap-1">
              {sentences.map((sentence) => (
                <li key={sentence} className="break-words">
                  {sentence}
                </li>
              ))}
            </ul>
          </Fact>
        ))}
      </dl>
    </Panel>
  );
}

function Facts({ run }: { run: Run }) {
  const options = describeOptions(run.options);
  return (
    <Panel title="Details">
      <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 px-4 pt-1 pb-4">
        <Fact label="Asked for by">
          {run.requested_by ?? UNKNOWN} <span className="text-muted">via {run.trigger}</span>
        </Fact>
        <Fact label="Asked for">{formatDateTime(run.created_at)}</Fact>
        <Fact label="Started">{formatDateTime(run.started_at)}</Fact>
        <Fact label="Finished">{formatDateTime(run.finished_at)}</Fact>
        <Fact label="Took">
          <RunDuration run={run} />
        </Fact>
        <Fact label="Options">{options}</Fact>
        <Fact label="Configuration">Version {run.config_number}</Fact>
      </dl>
    </Panel>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function describeOptions({ stages, limit, refresh, since, batch, concurrency }: Run["options"]): string {
  const parts = [
    stages?.length ? `only ${stages.join(", ")}` : "",
    limit ? `at most ${plural(limit, "lead")} per stage` : "",
    refresh ? `${refresh} again` : "",
    since ? `collected since ${since}` : "",
    concurrency ? `${plural(concurrency, "query", "queries")} at once` : batch ? "several queries at once" : "",
  ].filter(Boolean);
  return parts.length ? humanize(parts.join("; ")) : "All stages, no limit";
}

interface FeedState {
  events: LiveEvent[];
  data: { more: boolean } | undefined;
  isPending: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

function Feed({ project, feed, live }: { project: string; feed: FeedState; live: boolean }) {
  return (
    <Panel title="What happened" aside={live && <span className="text-xs text-muted">Newest first, as it happens</span>}>
      <div className="px-4 pb-4">
        {feed.isPending ? (
          <Loading what="events" className="flex flex-col gap-2.5 pt-1">
            {Array.from({ length: 6 }, (_, index) => (
              <Skeleton key={index} className="h-3.5 w-3/4" />
            ))}
          </Loading>
        ) : feed.isError ? (
          <ErrorState error={feed.error} what="the events" onRetry={() => void feed.refetch()} className="py-4" />
        ) : feed.events.length === 0 ? (
          <p className="py-2 text-muted">Nothing has happened yet.</p>
        ) : (
          <EventFeed project={project} events={feed.events} limit={300} />
        )}
        {feed.data?.more && <p className="mt-2 text-xs text-muted">Only the first events of this run are shown.</p>}
      </div>
    </Panel>
  );
}
