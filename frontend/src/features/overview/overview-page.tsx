import { useState } from "react";
import { useMay, useProject } from "@/api/session";
import { Button } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page";
import { ErrorState } from "@/components/ui/states";
import { useToasts } from "@/components/ui/toast";
import { StartRunDialog } from "@/components/run/start-run-dialog";
import { useTitle } from "@/lib/use-title";
import { Funnel } from "./funnel";
import { NeedsMe } from "./needs-me";
import { OutcomesPanel } from "./outcomes-panel";
import { RunPanel } from "./run-panel";
import { StatStrip } from "./stat-strip";
import { TrendPanel } from "./trend-panel";
import { useOverview } from "./use-overview";

export function OverviewPage() {
  useTitle("Overview");
  const { slug, name } = useProject();
  const mayRun = useMay("reviewer");
  const { stats, latestRun, liveRun } = useOverview(slug);
  const [asking, setAsking] = useState(false);
  const toasts = useToasts();

  return (
    <>
      <PageHeader
        title="Overview"
        aside={
          mayRun && (
            <Button look="primary" icon="runs" disabled={liveRun !== undefined} onClick={() => setAsking(true)}>
              {liveRun ? "Run in progress" : "Run"}
            </Button>
          )
        }
      />
      <div className="grow overflow-y-auto thin-scroll">
        <h2 className="sr-only">{name}</h2>
        {stats.isError && !stats.data ? (
          <ErrorState error={stats.error} what="the overview" onRetry={() => void stats.refetch()} />
        ) : (
          <div className="mx-auto grid max-w-340 grid-cols-[minmax(0,1fr)] gap-4 p-4 md:p-5 xl:grid-cols-[minmax(0,1fr)_minmax(0,25rem)]">
            <div className="xl:col-span-2">
              <StatStrip project={slug} stats={stats.data} />
            </div>
            <div className="flex min-w-0 flex-col gap-4 max-xl:order-2">
              <Funnel stats={stats.data} />
              <TrendPanel project={slug} />
            </div>
            <div className="flex min-w-0 flex-col gap-4 max-xl:order-1">
              <NeedsMe project={slug} stats={stats.data} latestRun={latestRun} />
              {stats.data !== undefined && stats.data.sent > 0 && <OutcomesPanel project={slug} />}
              <RunPanel project={slug} mayRun={mayRun} onRun={() => setAsking(true)} />
            </div>
          </div>
        )}
      </div>
      {asking && (
        <StartRunDialog
          project={slug}
          onClose={() => setAsking(false)}
          onStarted={(run) => {
            setAsking(false);
            toasts.show({ message: `Run ${run.id} is queued. A worker takes it up.` });
          }}
        />
      )}
    </>
  );
}
