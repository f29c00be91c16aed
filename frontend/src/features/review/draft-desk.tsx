import { useEffect, useState } from "react";
import type { Verdict } from "@/api/decide-draft";
import { useMe } from "@/api/session";
import type { QueueItem } from "@/api/types";
import { DeliveryView } from "@/components/lead/delivery-view";
import { PostView } from "@/components/lead/post-view";
import { ReplyPolicyView } from "@/components/lead/reply-policy";
import { Loading, Notice, Skeleton } from "@/components/ui/states";
import { useHotkeys } from "@/lib/hotkeys";
import { ActionBar } from "./action-bar";
import { isTooLong } from "@/components/ui/character-count";
import { DeskHeader, type Position } from "./desk-header";
import type { Typed } from "./desk-state";
import { DraftText } from "./draft-text";
import { DraftEditor } from "./draft-editor";
import { useQueueKeys } from "./queue-keys";
import { RejectPanel } from "./reject-panel";
import { DiscardButton, KeptText } from "./unsaved-text";
import { Why } from "./why";

interface DraftDeskProps {
  item: QueueItem;
  /** Why the draft came back after a decision. */
  note: string | undefined;
  /** What was typed on it before and not saved. */
  typed: Typed | undefined;
  onType: (item: QueueItem, change: Typed) => void;
  /** Whether the keys belong to a text or a reason at the moment. The same function at every painting. */
  onWriting: (writing: boolean) => void;
  position: Position | null;
  mayDecide: boolean;
  /** Several are selected: the keys are about those. */
  keysElsewhere: boolean;
  onDecide: (item: QueueItem, verdict: Verdict) => void;
  /** Ask until when. */
  onSnooze: (item: QueueItem) => void;
  /** Ask whom to. */
  onAssign: (item: QueueItem) => void;
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
  const { item, note, typed, position, mayDecide, onType, onWriting, onDecide, onMove, onBack } = props;
  const [keys] = useQueueKeys();
  const me = useMe().username;
  const [mode, setMode] = useState<Mode>("read");
  const [edited, setEdited] = useState(typed?.text ?? item.text);
  const [better, setBetter] = useState(typed?.better ?? "");
  const open = mayDecide && item.status === "pending";
  const tooLong = isTooLong(item.text, item.max_length, item.platform);

  // A draft that somebody else has decided in the meantime is no longer ours to write on.
  const shown: Mode = open ? mode : "read";

  const type = (text: string) => {
    setEdited(text);
    onType(item, { text: text === item.text ? undefined : text });
  };
  const typeBetter = (text: string) => {
    setBetter(text);
    onType(item, { better: text || undefined });
  };
  const discard = () => {
    setEdited(item.text);
    setBetter("");
    onType(item, { text: undefined, better: undefined });
    setMode("read");
  };
  const unsaved = typed?.text ?? typed?.better;
  const approve = () => {
    if (!tooLong) onDecide(item, { kind: "approve" });
  };
  const writing = shown !== "read";
  useEffect(() => {
    onWriting(writing);
    return () => onWriting(false);
  }, [writing, onWriting]);
  useHotkeys(
    { [keys.approve]: approve, [keys.edit]: () => setMode("edit"), [keys.reject]: () => setMode("reject") },
    { enabled: open && !writing && !props.keysElsewhere },
  );
  useHotkeys({ Escape: () => setMode("read") }, { enabled: writing && !props.keysElsewhere });

  return (
    <>
      <DeskHeader item={item} position={position} onMove={onMove} onBack={onBack} />
      <div className="@container min-h-0 grow overflow-y-auto thin-scroll">
        <div className="mx-auto grid max-w-330 grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-5 p-4 md:p-5 @3xl:grid-cols-[minmax(0,1fr)_minmax(0,20rem)]">
          <div className="flex min-w-0 flex-col gap-4">
            {note && <Notice>{note}</Notice>}
            {!open && unsaved !== undefined && <KeptText item={item} me={me} text={unsaved} onDiscard={discard} />}
            <PostView post={item.post} author={item.author} />
            <ReplyPolicyView reply={item.reply} />
            {shown === "edit" ? (
              <DraftEditor item={item} text={edited} onChange={type} onSave={(text) => onDecide(item, verdictOf(item, text))} onLeave={() => setMode("read")} onDiscard={typed ? discard : undefined} />
            ) : (
              <DraftText item={item} />
            )}
            {open && shown === "read" && typed && (
              <p className="flex flex-wrap items-center gap-2 text-xs text-muted">
                You have typed on this draft: {typed.text === undefined ? `${keys.reject} (Reject)` : `${keys.edit} (Edit)`} shows it again. <DiscardButton onDiscard={discard} />
              </p>
            )}
            {item.delivery && <DeliveryView project={item.project} draft={item.id} delivery={item.delivery} maySettle={mayDecide} />}
            {shown === "reject" && (
              <RejectPanel better={better} onBetter={typeBetter} onReject={(reason, betterText) => onDecide(item, { kind: "reject", reason, betterText })} onLeave={() => setMode("read")} />
            )}
          </div>
          <Why item={item} />
        </div>
      </div>
      {shown === "read" && !props.keysElsewhere && <Actions {...props} open={open} tooLong={tooLong} onApprove={approve} onMode={setMode} />}
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
  onApprove,
  onMode,
  onDecide,
  onSnooze,
  onAssign,
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
      onSnooze={open && !item.snoozed_until ? () => onSnooze(item) : undefined}
      onWake={open && item.snoozed_until ? () => onDecide(item, { kind: "wake" }) : undefined}
      onAssign={open ? () => onAssign(item) : undefined}
      onTakeBack={!open && mayDecide && item.reviewer === me.username && !STANDS.has(item.status) ? () => onTakeBack(item) : undefined}
      onPostByHand={mayDecide && onPostByHand ? () => onPostByHand(item) : undefined}
      onUndoLast={open ? onUndoLast : undefined}
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
