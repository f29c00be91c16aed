import { Link, useLocation } from "react-router";
import type { LeadDetail } from "@/api/types";
import { AuthorLine } from "@/components/lead/author-line";
import { SectionTitle } from "@/components/ui/page";
import { Notice } from "@/components/ui/states";
import { TimeAgo } from "@/components/ui/time-ago";
import { humanize, plural } from "@/lib/format";

/** Who else posted the same text: this lead stands for all of them. */
export function Copies({ lead }: { lead: LeadDetail }) {
  if (lead.copy_count === 0) return null;
  const rest = lead.copy_count - lead.copies.length;
  return (
    <section aria-label="Copies">
      <SectionTitle>{plural(lead.copy_count, "copy", "copies")}</SectionTitle>
      <ul className="flex flex-col gap-1.5">
        {lead.copies.map((copy) => (
          <li key={copy.id} className="flex min-w-0 items-center gap-2">
            <span className="shrink-0 text-xs text-muted">{humanize(copy.platform)}</span>
            <AuthorLine author={copy.author} />
            <span className="ml-auto flex shrink-0 items-center gap-2 text-xs">
              {copy.posted_at && <TimeAgo value={copy.posted_at} className="text-muted" />}
              <LeadLink id={copy.id}>Lead {copy.id}</LeadLink>
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 && <p className="mt-2 text-xs text-muted">And {plural(rest, "more copy", "more copies")}.</p>}
    </section>
  );
}

/** On the page of a copy: where the lead is that stands for it. */
export function CopyNotice({ original }: { original: number }) {
  return (
    <Notice tone="neutral">
      A copy of <LeadLink id={original}>lead {original}</LeadLink>, which stands for both.
    </Notice>
  );
}

function LeadLink({ id, children }: { id: number; children: React.ReactNode }) {
  const { search } = useLocation();
  const params = new URLSearchParams(search);
  params.set("lead", String(id));
  return (
    <Link to={{ search: params.toString() }} className="font-medium text-accent-text hover:underline">
      {children}
    </Link>
  );
}
