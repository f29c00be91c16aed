import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { messageOf } from "@/api/problem";
import type { LeadRow } from "@/api/types";
import { Button } from "@/components/ui/button";
import { PickBox } from "@/components/ui/pick-box";
import { Loading, Skeleton } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { useWidth } from "@/lib/use-width";
import { COLUMNS, LeadLink } from "./lead-row";

const NARROW = 760;
const HEIGHT = { narrow: 100, wide: 44 };

interface LeadListProps {
  rows: LeadRow[];
  open: number | null;
  onOpen: (id: number) => void;
  picked: ReadonlySet<number>;
  /** Undefined: nothing can be selected. */
  onPick: ((id: number, how: { range: boolean }) => void) | undefined;
  /** The rows are those of the last filters; the new ones are on their way. */
  dimmed: boolean;
  more: boolean;
  loadingMore: boolean;
  failedMore: unknown;
  onMore: () => void;
}

export function LeadList({ rows, open, onOpen, picked, onPick, dimmed, more, loadingMore, failedMore, onMore }: LeadListProps) {
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
                  <LeadLink row={row} narrow={narrow} open={row.id === open} picked={picked.has(row.id)} onOpen={onOpen} />
                  {onPick && <PickBox name={`lead ${row.id}`} picked={picked.has(row.id)} onPick={(range) => onPick(row.id, { range })} className={narrow ? "bottom-2 left-3" : "top-2 left-2"} />}
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
