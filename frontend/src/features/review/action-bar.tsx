import { Button, IconButton } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { webAddress } from "@/components/ui/safe-link";
import { openPost } from "./open-post";
import { useQueueKeys } from "./queue-keys";

interface ActionBarProps {
  /** Why there is nothing to decide. */
  explanation: string | undefined;
  onApprove: (() => void) | undefined;
  approveRefused: string | undefined;
  onEdit: (() => void) | undefined;
  onReject: (() => void) | undefined;
  onSnooze: (() => void) | undefined;
  /** It sleeps: back with it. */
  onWake: (() => void) | undefined;
  onAssign: (() => void) | undefined;
  onTakeBack: (() => void) | undefined;
  onPostByHand: (() => void) | undefined;
  onUndoLast: (() => void) | undefined;
  url: string;
}

export function ActionBar(props: ActionBarProps) {
  const { explanation, onApprove, approveRefused, onEdit, onReject, onSnooze, onWake, onAssign, onTakeBack, onPostByHand, onUndoLast, url } = props;
  const [keys] = useQueueKeys();
  const canOpen = webAddress(url) !== null;
  return (
    <footer className="shrink-0 border-t border-line bg-surface px-4 md:px-5">
      {approveRefused && onApprove && <p className="pt-2 text-xs text-bad">{approveRefused}.</p>}
      <div role="group" aria-label="Decide" className="flex min-h-13 flex-wrap items-center gap-2 py-2">
        {explanation && (
          <p className="flex items-center gap-2 text-muted">
            <Icon name="lock" />
            {explanation}
          </p>
        )}
        {onApprove && (
          <Button look="primary" icon="check" keyHint={keys.approve} onClick={onApprove} disabled={approveRefused !== undefined}>
            Approve
          </Button>
        )}
        {onEdit && (
          <Button icon="pencil" keyHint={keys.edit} onClick={onEdit}>
            Edit
          </Button>
        )}
        {onReject && (
          <Button icon="cross" keyHint={keys.reject} onClick={onReject}>
            Reject
          </Button>
        )}
        {onSnooze && (
          <Button icon="clock" keyHint={keys.snooze} onClick={onSnooze} className="max-sm:px-2">
            <span className="max-sm:sr-only">Snooze</span>
          </Button>
        )}
        {onWake && (
          <Button icon="clock" onClick={onWake}>
            Wake
          </Button>
        )}
        {onAssign && (
          <Button icon="user" keyHint={keys.assign} onClick={onAssign} className="max-sm:px-2">
            <span className="max-sm:sr-only">Assign</span>
          </Button>
        )}
        {onPostByHand && (
          <Button icon="pencil" keyHint={keys.byHand} onClick={onPostByHand}>
            Post by hand
          </Button>
        )}
        {onTakeBack && (
          <Button icon="undo" onClick={onTakeBack}>
            Take back your decision
          </Button>
        )}
        <span className="ml-auto flex gap-1">
          {onUndoLast && (
            <>
              <Button look="ghost" icon="undo" keyHint={keys.undo} onClick={onUndoLast} className="max-2xl:hidden">
                Undo last
              </Button>
              <IconButton icon="undo" label={`Undo last (${keys.undo})`} onClick={onUndoLast} className="2xl:hidden" />
            </>
          )}
          {canOpen && (
            <>
              <Button look="ghost" icon="external" keyHint={keys.open} onClick={() => openPost(url)} className="max-2xl:hidden">
                Open post
              </Button>
              <IconButton icon="external" label={`Open post (${keys.open})`} onClick={() => openPost(url)} className="max-sm:hidden 2xl:hidden" />
            </>
          )}
        </span>
      </div>
    </footer>
  );
}
