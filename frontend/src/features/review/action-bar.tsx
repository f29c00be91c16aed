import { Button, IconButton } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { webAddress } from "@/components/ui/safe-link";
import { openPost } from "./open-post";

interface ActionBarProps {
  /** Why there is nothing to decide. */
  explanation: string | undefined;
  onApprove: (() => void) | undefined;
  approveRefused: string | undefined;
  onEdit: (() => void) | undefined;
  onReject: (() => void) | undefined;
  onTakeBack: (() => void) | undefined;
  onPostByHand: (() => void) | undefined;
  onUndoLast: (() => void) | undefined;
  canUndoLast: boolean;
  url: string;
}

export function ActionBar(props: ActionBarProps) {
  const { explanation, onApprove, approveRefused, onEdit, onReject, onTakeBack, onPostByHand, onUndoLast, canUndoLast, url } = props;
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
          <Button look="primary" icon="check" keyHint="a" onClick={onApprove} disabled={approveRefused !== undefined}>
            Approve
          </Button>
        )}
        {onEdit && (
          <Button icon="pencil" keyHint="e" onClick={onEdit}>
            Edit
          </Button>
        )}
        {onReject && (
          <Button icon="cross" keyHint="r" onClick={onReject}>
            Reject
          </Button>
        )}
        {onPostByHand && (
          <Button icon="pencil" keyHint="p" onClick={onPostByHand}>
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
              <Button look="ghost" icon="undo" keyHint="u" onClick={onUndoLast} disabled={!canUndoLast} className="max-sm:hidden">
                Undo last
              </Button>
              <IconButton icon="undo" label="Undo last" onClick={onUndoLast} disabled={!canUndoLast} className="sm:hidden" />
            </>
          )}
          {canOpen && (
            <Button look="ghost" icon="external" keyHint="o" onClick={() => openPost(url)} className="max-sm:hidden">
              Open post
            </Button>
          )}
        </span>
      </div>
    </footer>
  );
}
