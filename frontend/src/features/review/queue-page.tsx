import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import type { Verdict } from "@/api/decide-draft";
import { isDeliveryStatus, isWaiting } from "@/api/list-queue";
import { useMay, useMe, useProject } from "@/api/session";
import type { QueueItem } from "@/api/types";
import { IconButton } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page";
import { ErrorState } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { useHotkeys } from "@/lib/hotkeys";
import { SIDE_BY_SIDE, useMedia } from "@/lib/use-media";
import { usePicked } from "@/lib/use-picked";
import { useTimeSpent } from "@/lib/use-time-spent";
import { useTitle } from "@/lib/use-title";
import { AssigneeFilter } from "./assignee-filter";
import { BulkBar } from "./bulk-bar";
import { type ByHand, canPostByHand } from "./by-hand";
import { DraftDesk, DraftDeskSkeleton } from "./draft-desk";
import { openPost } from "./open-post";
import { QueueList, QueueListSkeleton } from "./queue-list";
import { repeatingKeys, useQueueKeys } from "./queue-keys";
import { DeliveryTabs, NoDrafts, QueueTabs, readView, useTabCounts } from "./queue-tabs";
import type { Asking } from "./questions";
import { SendingControls } from "./sending-controls";
import { useDeciding } from "./use-deciding";
import { useHold } from "./use-hold";
import { useListed } from "./use-listed";
import { useLiveQueue } from "./use-live-queue";
import { useSelection } from "./use-selection";

const ByHandDialog = lazy(async () => ({ default: (await import("./by-hand-dialog")).ByHandDialog }));
const KeySheet = lazy(async () => ({ default: (await import("./key-sheet")).KeySheet }));
const TakeBackDialog = lazy(async () => ({ default: (await import("./take-back-dialog")).TakeBackDialog }));
const loadQuestions = async () => ({ default: (await import("./questions")).Questions });
const Questions = lazy(loadQuestions);

export function QueuePage() {
  useTitle("Queue");
  const { slug } = useProject();
  const me = useMe().username;
  const mayDecide = useMay("reviewer");
  const sideBySide = useMedia(SIDE_BY_SIDE);
  const [keys] = useQueueKeys();
  const [params] = useSearchParams();
  const view = readView(params.get("status"));
  const whose = params.get("assignee") ?? "";
  const { selected, select } = useSelection();
  const [helping, setHelping] = useState(false);
  const [byHand, setByHand] = useState<ByHand | null>(null);
  const [writing, setWriting] = useState(false);
  const [asking, setAsking] = useState<Asking | null>(null);

  const timeSpent = useTimeSpent(selected);
  const deciding = useDeciding({ project: slug, select, timeSpent });
  const { state, takeBack, older } = deciding;
  const { queue, items, index, current, unlisted, isLost, loadMore } = useListed({ project: slug, view, assignee: whose === "me" ? me : whose, selected, state });
  const { hasNextPage } = queue;
  const counts = useTabCounts(slug);
  const mayPick = mayDecide && isWaiting(view);
  const { ids, picked, pick, clear } = usePicked(items);

  useLiveQueue({ project: slug, view, selected, hidden: state.hidden, typed: state.typed });
  useHold({ project: slug, view, id: mayDecide && current?.status === "pending" ? current.id : null, isDecided: deciding.isDecided });

  // A digit may follow the key that asks at once: what it answers is there before.
  useEffect(() => void loadQuestions(), []);

  // With room for both, a draft is always open; on a small screen the list comes first.
  const first = items[0]?.id;
  useEffect(() => {
    if (first !== undefined && (isLost || (selected === null && sideBySide))) select(first);
  }, [first, isLost, selected, sideBySide, select]);

  // On a small screen the list is a page of its own: Back returns to it.
  const openFromList = useCallback((id: number) => select(id, { push: !sideBySide }), [select, sideBySide]);

  const decide = (chosen: QueueItem[], verdict: Verdict) => {
    deciding.decide(chosen, verdict, { items, view, selected, undoKey: keys.undo });
    if (picked.length > 0) clear();
  };
  const ask = (what: Asking["what"], chosen: QueueItem[]) => {
    if (mayDecide && chosen.length > 0 && chosen.every((item) => item.status === "pending")) setAsking({ what, items: chosen });
  };
  const targets = picked.length > 0 ? picked : current ? [current] : [];
  const move = (by: number) => {
    const target = index === -1 ? items[0] : items[index + by];
    if (target) select(target.id);
  };
  const postByHand = (item: QueueItem) => {
    if (mayDecide && canPostByHand(item)) setByHand({ draft: item.id, platform: item.platform, text: item.text, reply: item.reply });
  };
  const undoLast = () => void (mayDecide && deciding.undoLast());

  useHotkeys(
    {
      [keys.next]: () => move(1),
      [keys.previous]: () => move(-1),
      [keys.undo]: undoLast,
      [keys.snooze]: () => ask("snooze", targets),
      [keys.assign]: () => ask("assign", targets),
      [keys.select]: (event) => mayPick && current && pick(current.id, { range: event.shiftKey }),
      [keys.byHand]: () => current && postByHand(current),
      [keys.open]: () => current && openPost(current.post.url),
      [keys.help]: () => setHelping(true),
    },
    { enabled: !writing, repeatable: repeatingKeys(keys) },
  );
  useHotkeys({ [keys.approve]: () => decide(picked, { kind: "approve" }), [keys.reject]: () => ask("reject", picked) }, { enabled: picked.length > 0 && !writing });
  useHotkeys({ Escape: clear }, { enabled: picked.length > 0 });

  const showList = sideBySide || selected === null;
  const showDesk = sideBySide || selected !== null;
  const none = <NoDrafts view={view} decided={state.past.length} narrowed={whose !== ""} />;
  return (
    <>
      {showList ? (
        <PageHeader
          title="Queue"
          aside={
            <>
              <SendingControls decisions={state.past} onByHand={setByHand} />
              <IconButton icon="keyboard" label={`Keyboard shortcuts (${keys.help})`} onClick={() => setHelping(true)} />
            </>
          }
        >
          <QueueTabs project={slug} view={view} counts={counts} keep={params} />
        </PageHeader>
      ) : (
        <h1 className="sr-only">Queue</h1>
      )}
      <div className="flex min-h-0 grow">
        {showList && (
          <div className={cn("flex min-h-0 shrink-0 flex-col border-line bg-surface", sideBySide ? "w-80 border-r 2xl:w-96" : "w-full")}>
            {isDeliveryStatus(view) && <DeliveryTabs project={slug} view={view} counts={counts} keep={params} />}
            <AssigneeFilter />
            {queue.isPending ? (
              <QueueListSkeleton />
            ) : queue.isError && items.length === 0 ? (
              <ErrorState error={queue.error} what="the queue" onRetry={() => void queue.refetch()} />
            ) : items.length === 0 && !hasNextPage ? (
              !sideBySide && none
            ) : (
              <QueueList
                items={items}
                selected={selected}
                notes={state.notes}
                picked={ids}
                onPick={mayPick ? pick : undefined}
                more={hasNextPage}
                loading={queue.isFetching}
                failedMore={queue.isFetchNextPageError ? queue.error : null}
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
                note={state.notes.get(current.id)}
                typed={state.typed.get(current.id)}
                onType={(item, change) => deciding.type(item.id, change)}
                onWriting={setWriting}
                position={index === -1 ? null : { index, last: items.length - 1, count: hasNextPage && whose === "" ? (counts[view] ?? items.length) : items.length }}
                mayDecide={mayDecide}
                keysElsewhere={picked.length > 0}
                onDecide={(item, verdict) => decide([item], verdict)}
                onSnooze={(item) => ask("snooze", [item])}
                onAssign={(item) => ask("assign", [item])}
                onTakeBack={(item) => takeBack([item])}
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
              !queue.isError && none
            )}
          </section>
        )}
      </div>
      {picked.length > 0 && (
        <BulkBar
          count={picked.length}
          keys={keys}
          onApprove={() => decide(picked, { kind: "approve" })}
          onReject={() => ask("reject", picked)}
          onSnooze={() => ask("snooze", picked)}
          onWake={view === "snoozed" ? () => decide(picked, { kind: "wake" }) : undefined}
          onAssign={() => ask("assign", picked)}
          onClear={clear}
        />
      )}
      <Suspense>
        {helping && <KeySheet onClose={() => setHelping(false)} />}
        {byHand && <ByHandDialog key={byHand.draft} project={slug} given={byHand} onClose={() => setByHand(null)} />}
        {older && <TakeBackDialog decision={older} onTakeBack={() => void deciding.takeOlderBack(older)} onClose={deciding.leaveOlder} />}
        {asking && (
          <Questions
            project={slug}
            asking={asking}
            onAnswer={(verdict) => {
              setAsking(null);
              decide(asking.items, verdict);
            }}
            onClose={() => setAsking(null)}
          />
        )}
      </Suspense>
    </>
  );
}
