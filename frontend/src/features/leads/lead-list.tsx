import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { Link, useLocation } from "react-router";
import { messageOf } from "@/api/problem";
import type { LeadRow } from "@/api/types";
import { AuthorLine } from "@/components/lead/author-line";
import { platformName } from "@/components/lead/post-view";
import { Score } from "@/components/lead/score";
import { Button } from "@/components/ui/button";
import { Loading, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { cn } from "@/lib/cn";
import { plural } from "@/lib/format";
import { useWidth } from "@/lib/use-width";

const NARROW = 760;
const HEIGHT = { narrow: 100, wide: 44 };
const COLUMNS = "grid grid-cols-[2.25rem_6.25rem_minmax(0,11rem)_minmax(0,1fr)_minmax(0,9rem)_5.75rem_2.5rem] items-center gap-4 px-5";

interface LeadListProps {
  rows: LeadRow[];
  open: number | null;
  onOpen: (id: number) => void;
  /** The rows are those of the last filters; the new ones are on their way. */
  dimmed: boolean;
  more: boolean;
  loadingMore: boolean;
  failedMore: unknown;
  onMore: () => void;
}

export function LeadList({ rows, open, onOpen, dimmed, more, loadingMore, failedMore, onMore }: LeadListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useWidth(scroller) < NARROW;
  const height = narrow ? HEIGHT.narrow : HEIGHT.wide;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => virtual.measure(), [height, virtual]);
  useEffect(() => {
    if (more && !loadingMore && !failedMore && last >= rows.length - 20) onMore();
  }, [more, loadingMore, failedMore, last, rows.length, onMore]);

  const openIndex = rows.findIndex((row) => row.id === open);
  useEffect(() => {
    if (openIndex >= 0) virtual.scrollToIndex(openIndex, { align: "auto" });
  }, [openIndex, virtual]);

  return (
    <div className="absolute inset-0 flex flex-col">
      {!narrow && (
        <div aria-hidden="true" className={cn(COLUMNS, "h-8 shrink-0 border-b border-line text-xs text-muted")}>
          <span>Score</span>
          <span>Label</span>
          <span>Author</span>
          <span>Post</span>
          <span>Query</span>
          <span>Draft</span>
          <span className="text-right">Age</span>
        </div>
      )}
      <div ref={scroller} aria-busy={dimmed} className={cn("grow overflow-y-auto transition-opacity thin-scroll", dimmed && "opacity-60")}>
        <ul aria-label="Leads" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <li key={item.key} className="absolute inset-x-0 top-0" style={{ height, transform: `translateY(${item.start}px)` }}>
                  <LeadLink row={row} narrow={narrow} open={row.id === open} onOpen={onOpen} />
                </li>
              )
            );
          })}
        </ul>
        <div className="flex min-h-12 items-center justify-center gap-3 text-xs text-muted">
          {failedMore ? (
            <>
              <span role="alert">{messageOf(failedMore)}</span>
              <Button size="sm" onClick={onMore}>
                Try again
              </Button>
            </>
          ) : more ? (
            "Loading more…"
          ) : (
            "That is all of them."
          )}
        </div>
      </div>
    </div>
  );
}

function LeadLink({ row, narrow, open, onOpen }: { row: LeadRow; narrow: boolean; open: boolean; onOpen: (id: number) => void }) {
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
        open ? "bg-selected" : "hover:bg-hover",
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

export function LeadListSkeleton() {
  return (
    <Loading what="leads">
      <div className="h-8 border-b border-line max-md:hidden" />
      {Array.from({ length: 14 }, (_, index) => (
        <div key={index} className="flex h-25 items-center gap-4 border-b border-line px-5 md:h-11">
          <Skeleton className="h-4 w-8 shrink-0" />
          <Skeleton className="h-4 w-24 shrink-0 max-md:hidden" />
          <Skeleton className="h-4 w-36 shrink-0 max-md:hidden" />
          <Skeleton className="h-4 grow" />
        </div>
      ))}
    </Loading>
  );
}
