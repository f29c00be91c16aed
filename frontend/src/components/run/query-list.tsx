import type { QueryProgress, Run } from "@/api/types";
import { Status } from "@/components/ui/status";
import { formatClock, plural } from "@/lib/format";

/** How far each query of a run is: what it took, what it waits for, why it failed. */
export function QueryList({ queries }: { queries: Run["stages"][string]["queries"] }) {
  return (
    <ul className="flex flex-col gap-2 px-4 pt-1 pb-4">
      {Object.entries(queries).map(([label, query]) => (
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

function explain({ detail, until }: QueryProgress): string {
  return [detail, until && `Asked again at ${formatClock(until)}.`].filter(Boolean).join(" ");
}
