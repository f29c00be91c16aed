import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useRef } from "react";
import { messageOf } from "@/api/problem";
import type { QueueItem } from "@/api/types";
import { AuthorLine } from "@/components/lead/author-line";
import { Score } from "@/components/lead/score";
import { TouchBadge } from "@/components/lead/touch-badge";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Loading, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { cn } from "@/lib/cn";

const HEIGHT = 76;

interface QueueListProps {
  items: QueueItem[];
  selected: number | null;
  notes: ReadonlyMap<number, string>;
  more: boolean;
  /** The list is being read: the next page, or all of them anew. */
  loading: boolean;
  failedMore: unknown;
  onMore: () => void;
  onSelect: (id: number) => void;
}

export function QueueList({ items, selected, notes, more, loading, failedMore, onMore, onSelect }: QueueListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => HEIGHT,
    overscan: 8,
    getItemKey: (index) => items[index]?.id ?? index,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  const index = items.findIndex((item) => item.id === selected);

  useEffect(() => {
    if (more && !loading && !failedMore && last >= items.length - 10) onMore();
  }, [more, loading, failedMore, last, items.length, onMore]);
  useEffect(() => {
    const top = index * HEIGHT;
    const from = virtual.scrollOffset ?? 0;
    const seen = top >= from && top + HEIGHT <= from + (virtual.scrollRect?.height ?? 0);
    if (index >= 0 && !seen) virtual.scrollToIndex(index, { align: "auto" }); // measures the page, so only when needed
  }, [index, virtual]);

  return (
    <div ref={scroller} className="h-full overflow-y-auto thin-scroll">
      <ul aria-label="Drafts" className="relative" style={{ height: virtual.getTotalSize() }}>
        {rows.map((row) => {
          const item = items[row.index];
          return (
            item && (
              <li key={row.key} className="absolute inset-x-0 top-0" style={{ height: HEIGHT, transform: `translateY(${row.start}px)` }}>
                <QueueRow item={item} selected={item.id === selected} returned={notes.has(item.id)} onSelect={onSelect} />
              </li>
            )
          );
        })}
      </ul>
      {(more || Boolean(failedMore)) && (
        <div className="flex h-11 items-center justify-center gap-2 px-4 text-xs text-muted">
          {failedMore ? (
            <>
              <span role="alert" className="truncate">
                {messageOf(failedMore)}
              </span>
              <Button size="sm" onClick={onMore}>
                Try again
              </Button>
            </>
          ) : (
            "Loading more…"
          )}
        </div>
      )}
    </div>
  );
}

interface QueueRowProps {
  item: QueueItem;
  selected: boolean;
  returned: boolean;
  onSelect: (id: number) => void;
}

/** Remembered: a key press that moves the selection paints two rows, not the list. */
const QueueRow = memo(function QueueRow({ item, selected, returned, onSelect }: QueueRowProps) {
  return (
    <button
      type="button"
      aria-current={selected ? "true" : undefined}
      onClick={() => onSelect(item.id)}
      className={cn(
        "relative flex h-full w-full gap-3 border-b border-line px-4 py-2.5 text-left transition-colors focus-visible:-outline-offset-2",
        selected ? "bg-selected" : "hover:bg-hover",
      )}
    >
      {selected && <span aria-hidden="true" className="absolute inset-y-0 left-0 w-0.5 bg-accent" />}
      <Score value={item.score} className="shrink-0 pt-0.5" />
      <span className="min-w-0 grow">
        <span className="flex items-center gap-2">
          <AuthorLine author={item.author} />
          <span className="ml-auto flex shrink-0 items-center gap-1 text-xs text-muted tabular-nums">
            {returned && (
              <>
                <Icon name="alert" size="sm" className="text-bad" />
                <span className="sr-only">came back: </span>
              </>
            )}
            <TouchBadge touch={item.touch} />
            {item.status === "pending" ? <TimeAgo value={item.post.posted_at ?? item.created_at} /> : <Status value={item.status} plain />}
          </span>
        </span>
        <span lang={item.post.language || undefined} dir="auto" className="mt-px line-clamp-2 text-xs break-words text-muted">
          {item.post.excerpt}
        </span>
      </span>
    </button>
  );
});

export function QueueListSkeleton() {
  return (
    <Loading what="drafts">
      {Array.from({ length: 9 }, (_, index) => (
        <div key={index} className="flex h-19 gap-3 border-b border-line px-4 py-3">
          <Skeleton className="h-4 w-9 shrink-0" />
          <div className="flex grow flex-col gap-2">
            <Skeleton className="h-3.5 w-2/5" />
            <Skeleton className="h-3 w-full" />
          </div>
        </div>
      ))}
    </Loading>
  );
}
