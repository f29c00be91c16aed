import { cn } from "@/lib/cn";
import { formatScore, formatSigned, humanize } from "@/lib/format";

export interface WaterfallStep {
  name: string;
  points: number;
  kind: "component" | "rule";
  formula?: string;
  reason?: string;
  error?: string;
}

/** How a total came about, step by step from 0: each bar starts where the one before it ended. */
export function ScoreWaterfall({ steps, total }: { steps: WaterfallStep[]; total: number }) {
  const bars = placeBars(steps);
  const scale = Math.max(100, ...bars.map((bar) => bar.to));
  return (
    <ol className="divide-y divide-line">
      {bars.map((bar, index) => (
        <li key={`${bar.step.kind}-${bar.step.name}-${index}`} className="py-2 first:pt-0">
          <Row
            name={humanize(bar.step.name)}
            points={formatSigned(bar.step.points)}
            from={(bar.from / scale) * 100}
            to={(bar.to / scale) * 100}
            look={bar.step.kind === "component" ? "bg-accent" : bar.step.points < 0 ? "bg-bad" : "bg-good"}
          />
          <Explanation step={bar.step} />
        </li>
      ))}
      <li className="pt-2.5">
        <Row name="Total" points={formatScore(total)} from={0} to={(total / scale) * 100} look="bg-text" strong />
      </li>
    </ol>
  );
}

interface Bar {
  step: WaterfallStep;
  from: number;
  to: number;
}

function placeBars(steps: WaterfallStep[]): Bar[] {
  let running = 0;
  return steps.map((step) => {
    const before = running;
    running += step.points;
    return { step, from: Math.max(0, Math.min(before, running)), to: Math.max(0, Math.max(before, running)) };
  });
}

function Row({ name, points, from, to, look, strong = false }: { name: string; points: string; from: number; to: number; look: string; strong?: boolean }) {
  return (
    <div className={cn("grid grid-cols-[minmax(0,9.5rem)_minmax(0,1fr)_2.75rem] items-center gap-3", strong && "font-semibold")}>
      <span className="truncate" title={name}>
        {name}
      </span>
      <span aria-hidden="true" className="relative h-2 overflow-hidden rounded-xs bg-sunken">
        <span className={cn("absolute inset-y-0 min-w-0.5 rounded-xs", look)} style={{ left: `${from}%`, width: `${to - from}%` }} />
      </span>
      <span className="text-right tabular-nums">{points}</span>
    </div>
  );
}

function Explanation({ step }: { step: WaterfallStep }) {
  if (step.error) return <p className="mt-0.5 text-xs break-words text-bad">Failed: {step.error}</p>;
  if (!step.formula && !step.reason) return null;
  return (
    <p className="mt-0.5 text-xs break-words text-muted">
      {step.formula && <span className="tabular-nums">{step.formula}</span>}
      {step.formula && step.reason && " · "}
      {step.reason}
    </p>
  );
}
