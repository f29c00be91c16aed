import type { QueueItem } from "@/api/types";
import { AuthorFacts } from "@/components/lead/author-facts";
import { JudgmentView } from "@/components/lead/judgment-view";
import { SectionTitle } from "@/components/ui/page";
import { cn } from "@/lib/cn";
import { formatScore, formatSigned, humanize } from "@/lib/format";

const PARTS_SHOWN = 5;

/** Why this lead stands here: what the judge said, what made the score, who writes. */
export function Why({ item }: { item: QueueItem }) {
  const parts = [
    ...item.components.map((part) => ({ name: humanize(part.plugin), points: part.contribution, reason: part.reason, isRule: false })),
    ...item.rules.map((rule) => ({ name: humanize(rule.name), points: rule.boost, reason: "", isRule: true })),
  ].toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points));
  return (
    <aside aria-label="Why" className="flex min-w-0 flex-col gap-6">
      <section aria-label="Judgment">
        <SectionTitle>Judgment</SectionTitle>
        {item.judgment ? <JudgmentView judgment={item.judgment} /> : <p className="text-muted">No model has judged this lead.</p>}
        {item.judgment && item.judgment.label !== item.label && item.label && <p className="mt-1.5 text-xs text-muted">A person labelled it {item.label}.</p>}
      </section>
      <section aria-label="Score">
        <SectionTitle aside={<span className="text-sm font-semibold tabular-nums">{formatScore(item.score)}</span>}>Score</SectionTitle>
        <ol className="flex flex-col gap-2">
          {parts.slice(0, PARTS_SHOWN).map((part) => (
            <li key={`${part.isRule}-${part.name}`}>
              <div className="flex items-baseline justify-between gap-3">
                <span className="truncate">{part.name}</span>
                <span className={cn("font-medium tabular-nums", part.points < 0 && "text-bad")}>{formatSigned(part.points)}</span>
              </div>
              <span aria-hidden="true" className="my-0.5 block h-1 overflow-hidden rounded-full bg-line">
                <span className={cn("block h-full rounded-full", part.points < 0 ? "bg-bad" : "bg-accent")} style={{ width: `${Math.min(100, Math.abs(part.points))}%` }} />
              </span>
              {part.reason && <p className="text-xs break-words text-muted">{part.reason}</p>}
            </li>
          ))}
        </ol>
        {parts.length > PARTS_SHOWN && <p className="mt-2 text-xs text-muted">and {parts.length - PARTS_SHOWN} smaller parts</p>}
      </section>
      <AuthorFacts author={item.author} />
      {item.queries.length > 0 && (
        <section aria-label="Found by">
          <SectionTitle>Found by</SectionTitle>
          <p className="break-words text-soft">{item.queries.join(", ")}</p>
        </section>
      )}
    </aside>
  );
}
