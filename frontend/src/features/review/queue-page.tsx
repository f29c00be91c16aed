import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import type { Verdict } from "@/api/decide-draft";
import { queueItemQuery, useQueueItem } from "@/api/get-queue-item";
import { useStats } from "@/api/get-stats";
import { ALL_STATUSES, DELIVERY_STATUSES, isDeliveryStatus, QUEUE_STATUSES, type QueueStatus, useQueue } from "@/api/list-queue";
import { useMay, useProject } from "@/api/session";
import type { QueueItem, Stats } from "@/api/types";
import { KeyHelp } from "@/components/key-help";
import { IconButton } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { LinkTabs } from "@/components/ui/tabs";
import { useToasts } from "@/components/ui/toast";
import { cn } from "@/lib/cn";
import { formatCount, humanize } from "@/lib/format";
import { useHotkeys } from "@/lib/hotkeys";
import { SAVE_KEYS } from "@/lib/save-keys";
import { SIDE_BY_SIDE, useMedia } from "@/lib/use-media";
import { useTimeSpent } from "@/lib/use-time-spent";
import { useTitle } from "@/lib/use-title";
import { type ByHand, canPostByHand } from "./by-hand";
import { neighbourOf } from "./desk-state";
import { DraftDesk, DraftDeskSkeleton } from "./draft-desk";
import { openPost } from "./open-post";
import { QueueList, QueueListSkeleton } from "./queue-list";
import { SendingControls } from "./sending-controls";
import { useDesk } from "./use-desk";
import { useLiveQueue } from "./use-live-queue";
import { useSelection } from "./use-selection";

const ByHandDialog = lazy(async () => ({ default: (await import("./by-hand-dialog")).ByHandDialog }));

const KEYS: [string, string][] = [
  ["a", "Approve the draft as it is"],
  ["e", "Edit it, then approve"],
  ["r", "Reject it; then 1–6 for the reason"],
  ["u", "Undo your last decision (up to 20)"],
  ["j", "Next draft"],
  ["k", "Previous draft"],
  ["p", "Post an approved draft by hand"],
  ["o", "Open the post in a new tab"],
  [SAVE_KEYS, "Save while you type"],
  ["Esc", "Leave editing or rejecting"],
  ["?", "This help"],
];

const PAST_TENSE = { approve: "Approved", edit: "Saved and approved", reject: "Rejected" };
const PREFETCH_AT = 15;

export function QueuePage() {
  useTitle("Queue");
  const { slug } = useProject();
  const mayDecide = useMay("reviewer");
  const sideBySide = useMedia(SIDE_BY_SIDE);
  const [params] = useSearchParams();
  const status = readStatus(params.get("status"));
  const queue = useQueue(slug, status);
  const stats = useStats(slug);
  const toasts = useToasts();
  const { selected, select } = useSelection();
  const [helping, setHelping] = useState(false);
  const [byHand, setByHand] = useState<ByHand | null>(null);

  const onReturn = useCallback(
    (item: QueueItem, message: string) =>
      toasts.show({ message, tone: "bad", action: { label: "Show draft", run: () => select(item.id, { status: "pending" }) } }),
    [toasts, select],
  );
  const onUndoFailed = useCallback((message: string) => toasts.show({ message, tone: "bad" }), [toasts]);
  const desk = useDesk(slug, { onReturn, onUndoFailed });
  const { hidden } = desk.state;

  const items = useMemo(() => {
    const all = queue.data?.pages.flatMap((page) => page.results) ?? [];
    return status === "pending" ? all.filter((item) => !hidden.has(item.id)) : all;
  }, [queue.data, status, hidden]);

  const listed = items.find((item) => item.id === selected);
  const unlisted = useQueueItem(selected !== null && !listed && !queue.isPending && !(status === "pending" && hidden.has(selected)) ? selected : null);
  const current = listed ?? (selected !== null && unlisted.data?.id === selected ? unlisted.data : undefined);
  const index = items.findIndex((item) => item.id === selected);

  // A draft that is sent leaves its list: it stays open as it was last known, and is read anew.
  const queries = useQueryClient();
  useEffect(() => {
    if (listed) queries.setQueryData(queueItemQuery(listed.id).queryKey, listed, { updatedAt: 1 });
  }, [queries, listed]);

  const timeSpent = useTimeSpent(current?.id ?? null);
  useLiveQueue({ project: slug, status, selected, hidden });

  // Asked for by the list and by the open draft: whoever comes second must not start the page over.
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = queue;
  const loadMore = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  useEffect(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError && index >= items.length - PREFETCH_AT) loadMore();
  }, [hasNextPage, isFetching, isFetchNextPageError, index, items.length, loadMore]);

  // With room for both, a draft is always open; on a small screen the list comes first.
  const first = items[0]?.id;
  const lost = selected !== null && hidden.has(selected) && status === "pending";
  useEffect(() => {
    if (first !== undefined && (lost || (selected === null && sideBySide))) select(first);
  }, [first, lost, selected, sideBySide, select]);

  // On a small screen the list is a page of its own: Back returns to it.
  const openFromList = useCallback((id: number) => select(id, { push: !sideBySide }), [select, sideBySide]);

  const decide = (item: QueueItem, verdict: Verdict) => {
    const next = neighbourOf(items, item.id);
    desk.decide(item, verdict, timeSpent(item.id));
    select(next?.id ?? null);
    toasts.show({
      message: `${PAST_TENSE[verdict.kind]}: ${nameOf(item)}`,
      action: { label: "Undo", key: "u", run: () => takeBack(item) },
    });
  };
  const takeBack = (item: QueueItem) => {
    const past = desk.state.past.find((decision) => decision.item.id === item.id);
    void desk.undo(past?.item ?? item, past?.settled);
    select(item.id, { status: "pending" });
  };
  const undoLast = () => {
    if (!mayDecide) return;
    const undone = desk.undoLast();
    if (undone) {
      toasts.show({ message: `Taken back: ${nameOf(undone)}` });
      select(undone.id, { status: "pending" });
    } else {
      toasts.show({ message: "Nothing left to undo in this session." });
    }
  };
  const move = (by: number) => {
    const target = index === -1 ? items[0] : items[index + by];
    if (target) select(target.id);
  };
  const postByHand = (item: QueueItem) => {
    if (mayDecide && canPostByHand(item)) setByHand({ draft: item.id, platform: item.platform, text: item.text, reply: item.reply });
  };

  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    u: undoLast,
    p: () => current && postByHand(current),
    o: () => current && openPost(current.post.url),
    "?": () => setHelping(true),
  });

  const showList = sideBySide || selected === null;
  const showDesk = sideBySide || selected !== null;
  return (
    <>
      {showList ? (
        <PageHeader
          title="Queue"
          aside={
            <>
              <SendingControls decisions={desk.state.past} onByHand={setByHand} />
              <IconButton icon="keyboard" label="Keyboard shortcuts (?)" onClick={() => setHelping(true)} />
            </>
          }
        >
          <LinkTabs label="Drafts by state" current={isDeliveryStatus(status) ? "queued" : status} tabs={tabsOf(slug, stats.data)} className="-mx-1 overflow-x-auto max-sm:order-last max-sm:w-full" />
        </PageHeader>
      ) : (
        <h1 className="sr-only">Queue</h1>
      )}
      <div className="flex min-h-0 grow">
        {showList && (
          <div className={cn("flex min-h-0 shrink-0 flex-col border-line bg-surface", sideBySide ? "w-80 border-r 2xl:w-96" : "w-full")}>
            {isDeliveryStatus(status) && (
              <LinkTabs label="On the way by state" current={status} tabs={deliveryTabsOf(slug, stats.data)} className="shrink-0 overflow-x-auto border-b border-line px-2 py-1.5" />
            )}
            {queue.isPending ? (
              <QueueListSkeleton />
            ) : queue.isError && items.length === 0 ? (
              <ErrorState error={queue.error} what="the queue" onRetry={() => void queue.refetch()} />
            ) : items.length === 0 && !hasNextPage ? (
              !sideBySide && <NoDrafts status={status} decided={desk.state.past.length} />
            ) : (
              <QueueList
                items={items}
                selected={selected}
                notes={desk.state.notes}
                more={hasNextPage}
                loading={isFetching}
                failedMore={isFetchNextPageError ? queue.error : null}
                onMore={loadMore}
                onSelect={openFromList}
              />
            )}
          </div>
        )}
        {showDesk && (
          <section aria-label="Draft" className="flex min-h-0 min-w-0 grow flex-col">
            {current ? (
              <DraftDesk
                key={current.id}
                item={current}
                note={desk.state.notes.get(current.id)}
                position={index === -1 ? null : { index, last: items.length - 1, count: hasNextPage ? (countOf(stats.data, status) ?? items.length) : items.length }}
                mayDecide={mayDecide}
                canUndoLast={desk.state.past.length > 0}
                onDecide={decide}
                onTakeBack={takeBack}
                onUndoLast={undoLast}
                onMove={move}
                onPostByHand={canPostByHand(current) ? postByHand : undefined}
                onBack={sideBySide ? undefined : () => select(null)}
              />
            ) : queue.isPending || unlisted.isFetching || (selected === null && items.length > 0) || (items.length === 0 && hasNextPage && !queue.isError) ? (
              <DraftDeskSkeleton />
            ) : unlisted.isError && selected !== null ? (
              <ErrorState error={unlisted.error} what="this draft" onRetry={() => void unlisted.refetch()} />
            ) : (
              !queue.isError && <NoDrafts status={status} decided={desk.state.past.length} />
            )}
          </section>
        )}
      </div>
      {helping && <KeyHelp keys={KEYS} onClose={() => setHelping(false)} />}
      <Suspense>{byHand && <ByHandDialog key={byHand.draft} project={slug} given={byHand} onClose={() => setByHand(null)} />}</Suspense>
    </>
  );
}

const EMPTY = {
  queued: "Nothing waits to leave",
  claimed: "Nothing is under way",
  sent: "Nothing sent yet",
  failed: "Nothing failed",
  unknown: "Of every reply it is known what became of it",
};

function NoDrafts({ status, decided }: { status: QueueStatus; decided: number }) {
  if (isDeliveryStatus(status)) return <EmptyState title={EMPTY[status]} className="my-auto" />;
  if (status !== "pending") return <EmptyState title={`Nothing ${status} yet`} className="my-auto" />;
  return (
    <EmptyState icon={decided > 0 ? "check" : "inbox"} title={decided > 0 ? "All done" : "Nothing waits for review"} className="my-auto">
      {decided > 0 ? "Every draft is decided. New ones appear here by themselves." : "The next run drafts replies to the best new leads; they appear here by themselves."}
    </EmptyState>
  );
}

function readStatus(value: string | null): QueueStatus {
  return ALL_STATUSES.find((status) => status === value) ?? "pending";
}

function tabsOf(project: string, stats: Stats | undefined) {
  const decided = QUEUE_STATUSES.map((status) => tabOf(project, status, stats));
  return [...decided, { key: "queued", label: "On the way", to: `/p/${project}/queue?status=queued` }];
}

function deliveryTabsOf(project: string, stats: Stats | undefined) {
  return DELIVERY_STATUSES.map((status) => tabOf(project, status, stats));
}

function tabOf(project: string, status: QueueStatus, stats: Stats | undefined) {
  const count = countOf(stats, status);
  return {
    key: status,
    label: status === "claimed" ? "Under way" : humanize(status),
    count: count === undefined ? undefined : formatCount(count),
    to: `/p/${project}/queue${status === "pending" ? "" : `?status=${status}`}`,
  };
}

/** Of what rests approved or edited the server has no count: its own goes on to count what has left since. */
function countOf(stats: Stats | undefined, status: QueueStatus): number | undefined {
  if (!stats || status === "approved" || status === "edited" || status === "queued" || status === "claimed") return undefined;
  return stats[status];
}

function nameOf(item: QueueItem): string {
  return item.author?.name || item.author?.handle || `draft ${item.id}`;
}
