import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { messageOf } from "@/api/problem";
import type { QueueItem } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Loading, Skeleton } from "@/components/ui/states";
import { QueueRow } from "./queue-row";

const HEIGHT = 76;

interface QueueListProps {
  items: QueueItem[];
  selected: number | null;
  notes: ReadonlyMap<number, string>;
  picked: ReadonlySet<number>;
  /** Undefined: nothing can be selected. */
  onPick: ((id: number, how: { range: boolean }) => void) | undefined;
  more: boolean;
  /** The list is being read: the next page, or all of them anew. */
  loading: boolean;
  failedMore: unknown;
  onMore: () => void;
  onSelect: (id: number) => void;
}

export function QueueList({ items, selected, notes, picked, onPick, more, loading, failedMore, onMore, onSelect }: QueueListProps) {
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
                <QueueRow item={item} selected={item.id === selected} returned={notes.has(item.id)} picked={picked.has(item.id)} onPick={onPick} onSelect={onSelect} />
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
