import { Button } from "@/components/ui/button";
import { plural } from "@/lib/format";
import { MOST_PICKED } from "@/lib/picked";
import type { KeyMap } from "@/lib/key-map";
import type { QueueAction } from "./queue-keys";

interface BulkBarProps {
  count: number;
  keys: KeyMap<QueueAction>;
  onApprove: () => void;
  onReject: () => void;
  onSnooze: () => void;
  /** Where all that is listed sleeps. */
  onWake: (() => void) | undefined;
  onAssign: () => void;
  onClear: () => void;
}

/** What can be done with the selected drafts; while there are any, the keys are about them. */
export function BulkBar({ count, keys, onApprove, onReject, onSnooze, onWake, onAssign, onClear }: BulkBarProps) {
  return (
    <footer className="shrink-0 border-t border-line bg-surface px-4 md:px-5">
      <div role="group" aria-label="Selected drafts" className="flex min-h-13 flex-wrap items-center gap-2 py-2">
        <p aria-live="polite" className="mr-1 font-medium tabular-nums">
          {plural(count, "draft")} selected{count >= MOST_PICKED && ": no more at once"}
        </p>
        <Button look="primary" icon="check" keyHint={keys.approve} onClick={onApprove}>
          Approve
        </Button>
        <Button icon="cross" keyHint={keys.reject} onClick={onReject}>
          Reject
        </Button>
        {onWake ? (
          <Button icon="clock" onClick={onWake}>
            Wake
          </Button>
        ) : (
          <Button icon="clock" keyHint={keys.snooze} onClick={onSnooze}>
            Snooze
          </Button>
        )}
        <Button icon="user" keyHint={keys.assign} onClick={onAssign}>
          Assign
        </Button>
        <Button look="ghost" keyHint="Esc" onClick={onClear} className="ml-auto">
          Clear
        </Button>
      </div>
    </footer>
  );
}
