import { useState } from "react";
import { useSearchParams } from "react-router";
import { useTimeline } from "@/api/get-timeline";
import type { TimelineDay } from "@/api/types";
import { IconButton } from "@/components/ui/button";
import { Panel } from "@/components/ui/page";
import { ErrorState, Skeleton } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { formatCount, formatDay } from "@/lib/format";
import { TrendChart } from "./trend-chart";

const RANGES = [7, 30, 90];

export function TrendPanel({ project }: { project: string }) {
  const [search, setSearch] = useSearchParams();
  const asked = Number(search.get("days"));
  const days = RANGES.includes(asked) ? asked : 30;
  const timeline = useTimeline(project, days);
  const [asTable, setAsTable] = useState(false);

  const choose = (range: number) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (range === 30) after.delete("days");
        else after.set("days", String(range));
        return after;
      },
      { replace: true },
    );

  return (
    <Panel
      title="Trend"
      aside={
        <>
          <div role="group" aria-label="Days shown" className="flex rounded-md border border-line p-px">
            {RANGES.map((range) => (
              <button
                key={range}
                type="button"
                aria-pressed={range === days}
                onClick={() => choose(range)}
                className={cn("h-6 rounded-sm px-2 text-xs tabular-nums", range === days ? "bg-selected font-medium" : "text-muted hover:text-text")}
              >
                {range}
                <span className="sr-only"> days</span>
                <span aria-hidden="true">d</span>
              </button>
            ))}
          </div>
          <IconButton icon={asTable ? "overview" : "table"} label={asTable ? "Show as chart" : "Show as table"} onClick={() => setAsTable(!asTable)} />
        </>
      }
    >
      <div className="h-62 px-4 pb-3">
        {timeline.data ? (
          asTable ? (
            <TrendTable days={timeline.data} />
          ) : (
            <TrendChart days={timeline.data} />
          )
        ) : timeline.isError ? (
          <ErrorState error={timeline.error} what="the trend" onRetry={() => void timeline.refetch()} className="py-4" />
        ) : (
          <Skeleton className="mt-9 h-44 w-full" />
        )}
      </div>
    </Panel>
  );
}

function TrendTable({ days }: { days: TimelineDay[] }) {
  const columns = ["collected", "relevant", "drafted", "approved", "rejected"] as const;
  return (
    <div className="h-full overflow-auto thin-scroll" tabIndex={0} role="region" aria-label="Trend by day">
      <table className="w-full text-right tabular-nums">
        <thead className="sticky top-0 bg-surface text-xs text-muted">
          <tr>
            <th scope="col" className="py-1 pr-3 text-left font-medium">
              Day
            </th>
            {columns.map((column) => (
              <th key={column} scope="col" className="py-1 pl-3 font-medium capitalize">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map((day) => (
            <tr key={day.date} className="border-t border-line">
              <th scope="row" className="py-1 pr-3 text-left font-normal whitespace-nowrap">
                {formatDay(day.date)}
              </th>
              {columns.map((column) => (
                <td key={column} className={cn("py-1 pl-3", day[column] === 0 && "text-muted")}>
                  {formatCount(day[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
