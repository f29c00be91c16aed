import type { LeadDetail } from "@/api/types";
import { SectionTitle } from "@/components/ui/page";
import { TimeAgo } from "@/components/ui/time-ago";
import { cn } from "@/lib/cn";
import { formatDuration } from "@/lib/format";

const ACTS = { approve: "approved the draft", edit: "edited and approved the draft", reject: "rejected the draft", label: "labelled the lead", blind: "labelled it in the blind review", snooze: "put the lead off", wake: "brought the lead back", assign: "assigned the lead" };

export function History({ history }: { history: LeadDetail["history"] }) {
  if (history.length === 0) return null;
  return (
    <section aria-label="History">
      <SectionTitle>History</SectionTitle>
      <ol className="flex flex-col gap-1">
        {history.map((entry) => (
          <li key={entry.id} className="flex items-baseline gap-2">
            <span className={cn("min-w-0", entry.undone_at && "text-muted line-through")}>
              <span className="font-medium">{entry.user}</span> {ACTS[entry.kind]}
            </span>
            {entry.undone_at && <span className="text-xs text-muted">undone</span>}
            {entry.seconds_spent !== null && <span className="text-xs text-muted">in {formatDuration(entry.seconds_spent)}</span>}
            <TimeAgo value={entry.created_at} className="ml-auto text-xs text-muted" />
          </li>
        ))}
      </ol>
    </section>
  );
}
