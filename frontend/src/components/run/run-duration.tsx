import type { Run } from "@/api/types";
import { formatDuration, UNKNOWN } from "@/lib/format";
import { useNow } from "@/lib/use-now";

/** How long a run took, or has taken so far. */
export function RunDuration({ run }: { run: Run }) {
  const now = useNow("second");
  if (!run.started_at) return UNKNOWN;
  const end = run.finished_at ? new Date(run.finished_at).getTime() : now;
  return <span className="tabular-nums">{formatDuration(Math.max(0, (end - new Date(run.started_at).getTime()) / 1000))}</span>;
}
