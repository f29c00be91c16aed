import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";
import { queueItemQuery, useQueueItem } from "@/api/get-queue-item";
import { type QueueView, useQueue } from "@/api/list-queue";
import { useNow } from "@/lib/use-now";
import { type DeskState, isHidden } from "./desk-state";

/** The next three drafts are there before they are needed: a page has twenty, and the one after is read in time. */
const PREFETCH_AT = 15;

interface Wanted {
  project: string;
  view: QueueView;
  assignee: string;
  selected: number | null;
  state: Pick<DeskState, "hidden">;
}

/** The drafts of a view, and the open one among them or beside them. */
export function useListed({ project, view, assignee, selected, state: { hidden } }: Wanted) {
  const queue = useQueue(project, view, assignee);
  const now = useNow("halfMinute");
  const items = useMemo(() => {
    const all = queue.data?.pages.flatMap((page) => page.results) ?? [];
    return hidden.size === 0 ? all : all.filter((item) => !isHidden({ hidden }, item.id, view, now));
  }, [queue.data, view, hidden, now]);

  const index = items.findIndex((item) => item.id === selected);
  const listed = items[index];
  const isLost = selected !== null && isHidden({ hidden }, selected, view, now);
  const unlisted = useQueueItem(selected !== null && !listed && !queue.isPending && !isLost ? selected : null);
  const current = listed ?? (selected !== null && unlisted.data?.id === selected ? unlisted.data : undefined);

  // A draft that is sent leaves its list: it stays open as it was last known, and is read anew.
  const queries = useQueryClient();
  useEffect(() => {
    if (listed) queries.setQueryData(queueItemQuery(listed.id).queryKey, listed, { updatedAt: 1 });
  }, [queries, listed]);

  // Asked for by the list and by the open draft: whoever comes second must not start the page over.
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = queue;
  const loadMore = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  useEffect(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError && index >= items.length - PREFETCH_AT) loadMore();
  }, [hasNextPage, isFetching, isFetchNextPageError, index, items.length, loadMore]);

  return { queue, items, index, current, unlisted, isLost, loadMore };
}
