import type { QueryProgress, Run } from "@/api/types";
import { Status } from "@/components/ui/status";
import { formatClock, plural } from "@/lib/format";

const UNDER_WAY: ReadonlySet<string> = new Set(["reading", "waiting"]);

/** How far each query of a run is: what it took, what it waits for, why it failed. One that had not ended with its run is not asked again. */
export function QueryList({ queries, live }: { queries: Run["stages"][string]["queries"]; live: boolean }) {
  const told = Object.entries(queries).map(([label, query]) => ({ label, ...(live || !UNDER_WAY.has(query.state) ? query : { ...query, state: "unfinished", until: null }) }));
  return (
    <ul className="flex flex-col gap-2 px-4 pt-1 pb-4">
      {told.map(({ label, ...query }) => (
        <li key={label} className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
          <span className="min-w-0 grow font-medium break-words">{label}</span>
          <span className="text-xs text-muted tabular-nums">
            {query.platform} · {plural(query.posts, "post")}
          </span>
          <Status value={query.state} />
          {(query.detail || query.until) && <span className="basis-full text-xs break-words text-soft">{explain(query)}</span>}
        </li>
      ))}
    </ul>
  );
}

function explain({ detail, until }: Pick<QueryProgress, "detail" | "until">): string {
  return [detail, until && `Asked again at ${formatClock(until)}.`].filter(Boolean).join(" ");
}
