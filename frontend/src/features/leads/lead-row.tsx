import { Link, useLocation } from "react-router";
import { AuthorLine } from "@/components/lead/author-line";
import { platformName } from "@/components/lead/post-view";
import { Score } from "@/components/lead/score";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import type { LeadRow } from "@/api/types";
import { cn } from "@/lib/cn";
import { plural } from "@/lib/format";

export const COLUMNS = "grid grid-cols-[2.25rem_6.25rem_minmax(0,11rem)_minmax(0,1fr)_minmax(0,9rem)_5.75rem_2.5rem] items-center gap-4 pr-5 pl-10";

interface LeadLinkProps {
  row: LeadRow;
  narrow: boolean;
  open: boolean;
  picked: boolean;
  onOpen: (id: number) => void;
}

export function LeadLink({ row, narrow, open, picked, onOpen }: LeadLinkProps) {
  const { search } = useLocation();
  const params = new URLSearchParams(search);
  params.set("lead", String(row.id));
  return (
    <Link
      to={{ search: params.toString() }}
      aria-current={open ? "true" : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        onOpen(row.id);
      }}
      className={cn(
        "h-full border-b border-line transition-colors focus-visible:-outline-offset-2",
        picked ? "bg-accent-soft" : open ? "bg-selected" : "hover:bg-hover",
        narrow ? "flex gap-3 px-4 py-2.5" : COLUMNS,
      )}
    >
      {narrow ? <NarrowRow row={row} /> : <WideRow row={row} />}
    </Link>
  );
}

function WideRow({ row }: { row: LeadRow }) {
  return (
    <>
      <Score value={row.score} known={row.scored_at !== null} />
      <LeadStatus row={row} />
      <AuthorLine author={row.author} />
      <span className="flex min-w-0 items-center gap-2">
        <span lang={row.post.language || undefined} dir="auto" className="truncate text-soft">
          <Excerpt post={row.post} />
        </span>
        <CopyCount row={row} />
      </span>
      <span className="truncate text-xs text-muted">{row.queries.join(", ")}</span>
      {row.draft_status ? <Status value={row.draft_status} plain /> : <span />}
      <TimeAgo value={row.post.posted_at ?? row.created_at} className="text-right text-xs text-muted tabular-nums" />
    </>
  );
}

function NarrowRow({ row }: { row: LeadRow }) {
  return (
    <>
      <Score value={row.score} known={row.scored_at !== null} className="shrink-0 pt-0.5" />
      <span className="min-w-0 grow">
        <span className="flex items-center gap-2">
          <AuthorLine author={row.author} />
          <TimeAgo value={row.post.posted_at ?? row.created_at} className="ml-auto shrink-0 text-xs text-muted tabular-nums" />
        </span>
        <span lang={row.post.language || undefined} dir="auto" className="mt-px line-clamp-2 break-words text-soft">
          <Excerpt post={row.post} />
        </span>
        <span className="mt-0.5 flex min-w-0 items-center gap-3">
          <LeadStatus row={row} />
          {row.draft_status && <Status value={row.draft_status} plain />}
          <CopyCount row={row} />
          <span className="truncate text-xs text-muted">{row.queries.join(", ")}</span>
        </span>
      </span>
    </>
  );
}

function Excerpt({ post }: { post: LeadRow["post"] }) {
  return post.availability === "gone" ? <span className="text-muted">Gone at {platformName(post.platform)}</span> : post.excerpt;
}

/** The row stands for the same text that others posted too. */
function CopyCount({ row }: { row: LeadRow }) {
  if (row.copy_count === 0) return null;
  return <span className="shrink-0 rounded-sm bg-sunken px-1.5 text-xs whitespace-nowrap text-muted tabular-nums">{plural(row.copy_count, "copy", "copies")}</span>;
}

/** A lead that was filtered out has no label to show, but a reason. */
function LeadStatus({ row }: { row: LeadRow }) {
  return (
    <span className="flex items-center" title={row.stage === "filtered" ? row.filter_reason : undefined}>
      <Status value={row.stage === "filtered" ? "filtered" : row.label} plain />
    </span>
  );
}
