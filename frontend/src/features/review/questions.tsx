import type { BulkVerdict } from "@/api/bulk-drafts";
import type { QueueItem } from "@/api/types";
import { AssignDialog } from "@/components/lead/assign-dialog";
import { SnoozeDialog } from "@/components/lead/snooze-dialog";
import { ChoiceDialog } from "@/components/ui/choice-dialog";
import { plural } from "@/lib/format";
import { REASONS } from "./reasons";
import { nameOf } from "./verdict-words";

/** What has to be known before one or several drafts can be decided on. */
export interface Asking {
  what: "snooze" | "assign" | "reject";
  items: QueueItem[];
}

interface QuestionsProps {
  project: string;
  asking: Asking;
  onAnswer: (verdict: BulkVerdict) => void;
  onClose: () => void;
}

export function Questions({ project, asking: { what, items }, onAnswer, onClose }: QuestionsProps) {
  const [first] = items;
  const whom = items.length === 1 && first ? nameOf(first) : plural(items.length, "draft");
  switch (what) {
    case "snooze":
      return <SnoozeDialog title={`Snooze ${whom}`} onSnooze={(until) => onAnswer({ kind: "snooze", until })} onClose={onClose} />;
    case "assign":
      return <AssignDialog project={project} title={`Assign ${whom}`} onAssign={(to) => onAnswer({ kind: "assign", to })} onClose={onClose} />;
    case "reject":
      return <ChoiceDialog title={`Reject ${whom}`} choices={REASONS} onChoose={(reason) => onAnswer({ kind: "reject", reason, betterText: "" })} onClose={onClose} />;
  }
}
