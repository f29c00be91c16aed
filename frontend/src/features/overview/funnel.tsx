import { Link } from "react-router";
import { useProject } from "@/api/session";
import type { Stats } from "@/api/types";
import { Panel } from "@/components/ui/page";
import { Skeleton } from "@/components/ui/states";
import { formatCount, formatPercent, UNKNOWN } from "@/lib/format";

const STEPS: { label: string; note: string; to: string; count: (stats: Stats) => number }[] = [
  { label: "Collected", note: "all leads", to: "leads?sort=newest", count: (stats) => stats.collected },
  { label: "Normalized", note: "passed the filters", to: "leads", count: (stats) => stats.normalized },
  { label: "Judged", note: "have a label", to: "leads", count: (stats) => stats.judged },
  { label: "Relevant", note: "people who ask for it", to: "leads?label=relevant", count: (stats) => stats.relevant },
  { label: "Scored", note: "have a score", to: "leads?min=1", count: (stats) => stats.scored },
  { label: "Drafted", note: "have a reply", to: "leads?stage=drafted", count: (stats) => stats.drafted },
  { label: "Decided", note: "approved or rejected", to: "leads?stage=reviewed", count: (stats) => stats.approved + stats.rejected },
];

export function Funnel({ stats }: { stats: Stats | undefined }) {
  const { slug } = useProject();
  return (
    <Panel title="Funnel" aside={<span className="text-xs text-muted">share of collected</span>}>
      <ol className="px-2 pt-1 pb-2.5">
        {STEPS.map((step) => {
          const count = stats && step.count(stats);
          const share = stats && count !== undefined && stats.collected > 0 ? count / stats.collected : undefined;
          return (
            <li key={step.label}>
              <Link
                to={`/p/${slug}/${step.to}`}
                className="grid h-9 grid-cols-[5.5rem_minmax(0,1fr)_3.25rem_2.75rem] items-center gap-3 rounded-md px-2 transition-colors hover:bg-hover sm:grid-cols-[13rem_minmax(0,1fr)_3.5rem_3rem]"
              >
                <span className="truncate">
                  <span className="font-medium">{step.label}</span>
                  <span className="ml-2 text-xs text-muted max-sm:hidden">{step.note}</span>
                </span>
                <span aria-hidden="true" className="h-2.5 overflow-hidden rounded-xs bg-sunken">
                  {share !== undefined && share > 0 && (
                    <span className="block h-full min-w-px rounded-xs bg-accent transition-[width] duration-300" style={{ width: `${Math.min(1, share) * 100}%` }} />
                  )}
                </span>
                <span className="text-right font-medium tabular-nums">
                  {count === undefined ? <Skeleton className="ml-auto h-3.5 w-8" /> : formatCount(count)}
                </span>
                <span className="text-right text-xs text-muted tabular-nums">{share === undefined ? UNKNOWN : formatPercent(share)}</span>
              </Link>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
