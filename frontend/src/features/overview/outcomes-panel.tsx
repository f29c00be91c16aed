import { useOutcomeStats } from "@/api/get-outcome-stats";
import type { OutcomeStats } from "@/api/types";
import { OUTCOME_WORDS } from "@/components/lead/outcome-words";
import { Panel } from "@/components/ui/page";
import { ErrorState, Notice, Skeleton } from "@/components/ui/states";
import { formatCount, formatPercent, plural } from "@/lib/format";

const DAYS = 30;

/** What came of what was sent. Nothing is shown before something was. */
export function OutcomesPanel({ project }: { project: string }) {
  const stats = useOutcomeStats(project, DAYS);
  return (
    <Panel title="Outcomes" aside={<span className="text-xs text-muted">of replies sent in {DAYS} days</span>}>
      <div className="px-4 pb-3">
        {stats.data ? (
          <Counts stats={stats.data} />
        ) : stats.isError ? (
          <ErrorState error={stats.error} what="the outcomes" onRetry={() => void stats.refetch()} />
        ) : (
          <Skeleton className="my-1 h-24" />
        )}
      </div>
    </Panel>
  );
}

function Counts({ stats }: { stats: OutcomeStats }) {
  const { sent, types, share } = stats;
  if (sent === 0) return <p className="text-muted">Nothing was sent in these days.</p>;
  return (
    <>
      {stats.above_limit && (
        <Notice tone="warn">
          {plural(share.negative, "reply", "replies")} of {formatCount(share.sent)} met with a no: above 5 %. Sending paused for a day when that began.
        </Notice>
      )}
      <table className="w-full tabular-nums">
        <caption className="sr-only">Outcomes of {plural(sent, "reply", "replies")}, how often, and on what share of the replies</caption>
        <tbody>
          {types.map(({ type, count, replies }) => (
            <tr key={type} className={count === 0 ? "text-muted" : undefined}>
              <th scope="row" className="py-1 text-left font-normal">
                {OUTCOME_WORDS[type].many}
              </th>
              <td className="py-1 text-right font-medium">{formatCount(count)}</td>
              <td className="w-16 py-1 text-right text-xs text-muted">{formatPercent(replies / sent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
