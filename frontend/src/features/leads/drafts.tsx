import { Link } from "react-router";
import { useMay } from "@/api/session";
import type { LeadDetail } from "@/api/types";
import { DeliveryView } from "@/components/lead/delivery-view";
import { TouchBadge } from "@/components/lead/touch-badge";
import { WordDiff } from "@/components/lead/word-diff";
import { SectionTitle } from "@/components/ui/page";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { humanize } from "@/lib/format";

/** `gone`: the post was deleted at its platform, and the texts of its drafts went with it. */
export function Drafts({ project, drafts, gone }: { project: string; drafts: LeadDetail["drafts"]; gone: boolean }) {
  const maySettle = useMay("reviewer");
  if (drafts.length === 0) return null;
  return (
    <section aria-label="Drafts">
      <SectionTitle>Drafts</SectionTitle>
      <ul className="flex flex-col gap-3">
        {drafts.map((draft) => (
          <li key={draft.id} className="rounded-lg border border-line bg-surface p-4">
            <div className="mb-2 flex flex-wrap items-center gap-x-2 gap-y-1">
              <Status value={draft.status} />
              <TouchBadge touch={draft.touch} />
              {draft.reviewer && <span className="text-xs text-muted">by {draft.reviewer}</span>}
              <TimeAgo value={draft.decided_at ?? draft.created_at} className="text-xs text-muted" />
              {draft.status !== "superseded" && !gone && (
                <Link to={`/p/${project}/queue?status=${draft.status}&draft=${draft.id}`} className="ml-auto text-xs font-medium text-accent-text hover:underline">
                  Open in queue
                </Link>
              )}
            </div>
            {gone ? (
              <p className="text-muted">Its text went with the post.</p>
            ) : draft.status === "edited" ? (
              <WordDiff before={draft.text_generated} after={draft.text} />
            ) : (
              <p dir="auto" className="text-base break-words whitespace-pre-wrap text-soft">
                {draft.text}
              </p>
            )}
            {draft.delivery && (
              <div className="mt-3">
                <DeliveryView project={project} draft={draft.id} delivery={draft.delivery} maySettle={maySettle} />
              </div>
            )}
            {draft.reject_reason && <p className="mt-2 text-xs text-muted">Rejected: {humanize(draft.reject_reason)}</p>}
            {draft.better_text && (
              <p className="mt-2 border-l-2 border-line-strong pl-3 break-words whitespace-pre-wrap text-soft">
                <span className="block text-xs text-muted">Better would have been</span>
                {draft.better_text}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
