import type { LiveEvent, Run } from "@/api/types";
import { ProgressBar } from "@/components/ui/progress-bar";
import { cn } from "@/lib/cn";
import { formatCount, formatDuration, humanize } from "@/lib/format";
import { type StageView, viewStages } from "./stages";

/** One line per stage: name, bar, what was done, failed and skipped. */
export function StageProgress({ run, events }: { run: Run; events: readonly LiveEvent[] }) {
  return (
    <ol className="@container flex flex-col gap-2.5">
      {viewStages(run, events).map((stage) => (
        <li key={stage.name} className="grid grid-cols-[5rem_minmax(0,1fr)] items-center gap-x-3 gap-y-0.5 @xs:grid-cols-[5rem_minmax(0,1fr)_10rem] @lg:grid-cols-[5rem_minmax(0,1fr)_13rem]">
          <span className={cn("font-medium", stage.state === "waiting" && "text-muted")}>{humanize(stage.name)}</span>
          <ProgressBar value={stage.progress} label={`${humanize(stage.name)} progress`} tone={stage.failed ? "warn" : stage.state === "finished" ? "good" : "accent"} />
          <span className="col-start-2 text-xs text-muted tabular-nums @xs:col-start-auto @xs:truncate @xs:text-right">{describe(stage)}</span>
        </li>
      ))}
    </ol>
  );
}

function describe(stage: StageView): React.ReactNode {
  if (stage.state === "waiting") return "Not begun";
  if (stage.state === "next") return "Up next";
  return (
    <>
      <span className="text-soft">{formatCount(stage.done)} done</span>
      {stage.failed > 0 && <span className="font-medium text-bad"> · {formatCount(stage.failed)} failed</span>}
      {stage.skipped > 0 && <span> · {formatCount(stage.skipped)} skipped</span>}
      {stage.state === "finished" && stage.seconds !== null && <span className="@max-lg:hidden"> · {formatDuration(stage.seconds)}</span>}
    </>
  );
}
