import { Button } from "@/components/ui/button";
import { Dialog, startHere } from "@/components/ui/dialog";
import { formatClock, formatDateTime } from "@/lib/format";
import type { OwnDecision } from "@/api/types";
import { nounOf } from "./verdict-words";

interface TakeBackDialogProps {
  decision: OwnDecision;
  onTakeBack: () => void;
  onClose: () => void;
}

/** Before a decision is taken back that was not made in this session: its maker may be thinking of another. */
export function TakeBackDialog({ decision: { kind, lead, created_at }, onTakeBack, onClose }: TakeBackDialogProps) {
  const isToday = new Date(created_at).toDateString() === new Date().toDateString();
  const when = isToday ? formatClock(created_at) : formatDateTime(created_at);
  return (
    <Dialog title={`Take back your ${nounOf(kind)} of lead ${lead} from ${when}?`} onClose={onClose}>
      <div className="flex justify-end gap-2 px-5 pt-1 pb-5">
        <Button look="ghost" onClick={onClose}>
          Cancel
        </Button>
        <Button look="primary" icon="undo" ref={startHere} onClick={onTakeBack}>
          Take it back
        </Button>
      </div>
    </Dialog>
  );
}
