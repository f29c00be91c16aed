import { Link } from "react-router";
import { useTimeline } from "@/api/get-timeline";
import type { Stats, TimelineDay } from "@/api/types";
import { Skeleton } from "@/components/ui/states";
import { formatCompact, formatCount } from "@/lib/format";
import { Sparkline } from "./sparkline";

const DAYS = 30;

interface Cell {
  label: string;
  to: string;
  count: (stats: Stats) => number;
  perDay: (day: TimelineDay) => number;
}

const CELLS: Cell[] = [
  { label: "Collected", to: "leads?sort=newest", count: (stats) => stats.collected, perDay: (day) => day.collected },
  { label: "Relevant", to: "leads?label=relevant", count: (stats) => stats.relevant, perDay: (day) => day.relevant },
  { label: "Waiting for review", to: "queue", count: (stats) => stats.pending, perDay: (day) => day.drafted },
  { label: "Approved", to: "queue?status=approved", count: (stats) => stats.approved, perDay: (day) => day.approved },
];

const VERBS = ["collected", "relevant", "drafted", "approved"];

export function StatStrip({ project, stats }: { project: string; stats: Stats | undefined }) {
  const timeline = useTimeline(project, DAYS);
  return (
    <ul aria-label="Counts" className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-4">
      {CELLS.map((cell, index) => {
        const perDay = timeline.data?.map(cell.perDay);
        return (
          <li key={cell.label} className="bg-surface">
            <Link to={`/p/${project}/${cell.to}`} className="block h-full px-4 py-3 transition-colors hover:bg-hover focus-visible:-outline-offset-2">
              <span className="block text-xs text-muted">{cell.label}</span>
              <span className="mt-1 flex h-8 items-end justify-between gap-3">
                {stats ? (
                  <span className="text-2xl font-semibold tracking-tight tabular-nums">{formatCount(cell.count(stats))}</span>
                ) : (
                  <Skeleton className="mb-1 h-6 w-16" />
                )}
                {perDay && <Sparkline values={perDay} />}
              </span>
              <span className="mt-0.5 block h-4.5 truncate text-xs text-muted">
                {perDay && (
                  <>
                    {formatCompact(perDay.reduce((sum, value) => sum + value, 0))}
                    <span className="max-sm:sr-only"> {VERBS[index]}</span> in {DAYS} days
                  </>
                )}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
