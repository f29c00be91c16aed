import { useState } from "react";
import { Link } from "react-router";
import type { Verdict } from "@/api/decide-draft";
import { useMe } from "@/api/session";
import type { QueueItem } from "@/api/types";
import { DeliveryView } from "@/components/lead/delivery-view";
import { PostView } from "@/components/lead/post-view";
import { ReplyPolicyView } from "@/components/lead/reply-policy";
import { TouchBadge } from "@/components/lead/touch-badge";
import { IconButton } from "@/components/ui/button";
import { Loading, Notice, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { formatCount } from "@/lib/format";
import { useHotkeys } from "@/lib/hotkeys";
import { ActionBar } from "./action-bar";
import { isTooLong } from "@/components/ui/character-count";
import { DraftText } from "./draft-text";
import { DraftEditor } from "./draft-editor";
import { RejectPanel } from "./reject-panel";
import { Why } from "./why";

interface DraftDeskProps {
  item: QueueItem;
  /** Why the draft came back after a decision. */
  note: string | undefined;
  position: { index: number; last: number; count: number } | null;
  mayDecide: boolean;
  canUndoLast: boolean;
  onDecide: (item: QueueItem, verdict: Verdict) => void;
  onTakeBack: (item: QueueItem) => void;
  onUndoLast: () => void;
  /** Undefined: its platform wants none, or it is not (or no longer) approved. */
  onPostByHand: ((item: QueueItem) => void) | undefined;
  onMove: (by: number) => void;
  onBack: (() => void) | undefined;
}

type Mode = "read" | "edit" | "reject";

/** One draft and everything needed to decide on it. Give it `key={item.id}`. */
export function DraftDesk(props: DraftDeskProps) {
  const { item, note, position, mayDecide, onDecide, onMove, onBack } = props;
  const [mode, setMode] = useState<Mode>("read");
  const [edited, setEdited] = useState(item.text);
  const open = mayDecide && item.status === "pending";
  const tooLong = isTooLong(item.text, item.max_length);

  // A draft that somebody else has decided in the meantime is no longer ours to write on.
  const shown: Mode = open ? mode : "read";

  const approve = () => {
    if (!tooLong) onDecide(item, { kind: "approve" });
  };
  useHotkeys({ a: approve, e: () => setMode("edit"), r: () => setMode("reject"), Escape: () => setMode("read") }, { enabled: open });

  return (
    <>
      <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 md:px-4">
        {onBack && <IconButton icon="chevronLeft" label="Back to the list" onClick={onBack} />}
        <h2 className="font-semibold">
          <span className="sr-only">Draft </span>
          <Link to={`/p/${item.project}/leads?lead=${item.lead}`} className="rounded-sm hover:text-accent-text hover:underline">
            Lead {item.lead}
          </Link>
        </h2>
        <Status value={item.status} />
        <TouchBadge touch={item.touch} />
        {item.reviewer && <span className="truncate text-xs text-muted">by {item.reviewer}</span>}
        <span className="ml-auto flex items-center text-xs text-muted tabular-nums">
          {position && (
            <span className="mr-1 whitespace-nowrap">
              {formatCount(position.index + 1)} of {formatCount(position.count)}
            </span>
          )}
          <IconButton icon="chevronDown" label="Previous draft (k)" disabled={!position || position.index === 0} onClick={() => onMove(-1)} className="rotate-180" />
          <IconButton icon="chevronDown" label="Next draft (j)" disabled={!position || position.index === position.last} onClick={() => onMove(1)} />
        </span>
      </header>
      <div className="@container min-h-0 grow overflow-y-auto thin-scroll">
        <div className="mx-auto grid max-w-330 grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-5 p-4 md:p-5 @3xl:grid-cols-[minmax(0,1fr)_minmax(0,20rem)]">
          <div className="flex min-w-0 flex-col gap-4">
            {note && <Notice>{note}</Notice>}
            <PostView post={item.post} author={item.author} />
            <ReplyPolicyView reply={item.reply} />
            {shown === "edit" ? (
              <DraftEditor item={item} text={edited} onChange={setEdited} onSave={(text) => onDecide(item, verdictOf(item, text))} onLeave={() => setMode("read")} />
            ) : (
              <DraftText item={item} />
            )}
            {item.delivery && <DeliveryView project={item.project} draft={item.id} delivery={item.delivery} maySettle={mayDecide} />}
            {shown === "reject" && (
              <RejectPanel onReject={(reason, betterText) => onDecide(item, { kind: "reject", reason, betterText })} onLeave={() => setMode("read")} />
            )}
          </div>
          <Why item={item} />
        </div>
      </div>
      {shown === "read" && <Actions {...props} open={open} tooLong={tooLong} onApprove={approve} onMode={setMode} />}
    </>
  );
}

/** A text that came back unchanged is a plain approval. */
function verdictOf(item: QueueItem, text: string): Verdict {
  return text.trim() === item.text_generated.trim() ? { kind: "approve" } : { kind: "edit", text };
}

/** What has left, or may have, is decided for good. */
const STANDS = new Set<string>(["superseded", "claimed", "sent", "unknown"]);

function Actions({
  item,
  mayDecide,
  open,
  tooLong,
  canUndoLast,
  onApprove,
  onMode,
  onTakeBack,
  onUndoLast,
  onPostByHand,
}: DraftDeskProps & { open: boolean; tooLong: boolean; onApprove: () => void; onMode: (mode: Mode) => void }) {
  const me = useMe();
  return (
    <ActionBar
      explanation={explain({ item, mayDecide })}
      onApprove={open ? onApprove : undefined}
      approveRefused={tooLong ? "The draft is too long for its platform: edit it first" : undefined}
      onEdit={open ? () => onMode("edit") : undefined}
      onReject={open ? () => onMode("reject") : undefined}
      onTakeBack={!open && mayDecide && item.reviewer === me.username && !STANDS.has(item.status) ? () => onTakeBack(item) : undefined}
      onPostByHand={mayDecide && onPostByHand ? () => onPostByHand(item) : undefined}
      onUndoLast={open ? onUndoLast : undefined}
      canUndoLast={canUndoLast}
      url={item.post.url}
    />
  );
}

function explain({ item, mayDecide }: { item: QueueItem; mayDecide: boolean }): string | undefined {
  if (!mayDecide) return "You are a viewer in this project: you can read drafts, reviewers decide on them.";
  if (item.status === "superseded") return "A newer draft has replaced this one.";
  return undefined;
}

export function DraftDeskSkeleton() {
  return (
    <Loading what="the draft" className="mx-auto w-full max-w-330 p-4 md:p-5">
      <Skeleton className="mt-11 h-44 w-full rounded-lg" />
      <Skeleton className="mt-4 h-40 w-full rounded-lg" />
    </Loading>
  );
}
