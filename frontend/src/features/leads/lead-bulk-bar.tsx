import { useState } from "react";
import { type LeadWish, useBulkLeads } from "@/api/bulk-leads";
import { useExportLeads } from "@/api/export-leads";
import { messageOf } from "@/api/problem";
import { AssignDialog } from "@/components/lead/assign-dialog";
import { SnoozeDialog } from "@/components/lead/snooze-dialog";
import { Button } from "@/components/ui/button";
import { useToasts } from "@/components/ui/toast";
import { humanize, plural } from "@/lib/format";
import { saveFile } from "@/lib/save-file";
import { LABELS } from "./filters";

interface LeadBulkBarProps {
  project: string;
  ids: number[];
  /** Only what is put off is listed: then it can be woken. */
  asleep: boolean;
  onClear: () => void;
}

/** What can be done with the selected leads. */
export function LeadBulkBar({ project, ids, asleep, onClear }: LeadBulkBarProps) {
  const bulk = useBulkLeads(project);
  const exporting = useExportLeads(project);
  const toasts = useToasts();
  const [asking, setAsking] = useState<"snooze" | "assign" | null>(null);
  const whom = plural(ids.length, "lead");
  const onError = (error: unknown) => toasts.show({ message: messageOf(error), tone: "bad" });

  const act = (wish: LeadWish, done: string) => {
    setAsking(null);
    bulk.mutate(
      { leads: ids, wish },
      {
        onError,
        onSuccess: ({ results }) => {
          const refused = results.filter((result) => !result.done);
          if (refused[0]) toasts.show({ message: `${refused.length} of ${whom} were refused. The first: ${refused[0].problem}`, tone: "bad" });
          else toasts.show({ message: `${done}: ${whom}` });
          onClear();
        },
      },
    );
  };
  const save = () =>
    exporting.mutate(ids, {
      onError,
      onSuccess: ({ file, leftOut }) => {
        saveFile(file, `leads-${project}.csv`);
        toasts.show({ message: leftOut > 0 ? `Exported, without ${leftOut} that may not be contacted or are gone.` : `Exported: ${whom}` });
      },
    });

  return (
    <footer className="shrink-0 border-t border-line bg-surface px-4 md:px-5">
      <div role="group" aria-label="Selected leads" className="flex min-h-13 flex-wrap items-center gap-2 py-2">
        <p aria-live="polite" className="mr-1 font-medium tabular-nums">
          {whom} selected
        </p>
        {LABELS.map((label) => (
          <Button key={label} disabled={bulk.isPending} onClick={() => act({ act: "label", label }, `Labelled ${label}`)}>
            {humanize(label)}
          </Button>
        ))}
        {asleep ? (
          <Button icon="clock" disabled={bulk.isPending} onClick={() => act({ act: "snooze", until: null }, "Back in the lists")}>
            Wake
          </Button>
        ) : (
          <Button icon="clock" disabled={bulk.isPending} onClick={() => setAsking("snooze")}>
            Snooze
          </Button>
        )}
        <Button icon="user" disabled={bulk.isPending} onClick={() => setAsking("assign")}>
          Assign
        </Button>
        <Button icon="table" disabled={exporting.isPending} onClick={save}>
          Export
        </Button>
        <Button look="ghost" keyHint="Esc" onClick={onClear} className="ml-auto">
          Clear
        </Button>
      </div>
      {asking === "snooze" && <SnoozeDialog title={`Snooze ${whom}`} onSnooze={(until) => act({ act: "snooze", until }, "Snoozed")} onClose={() => setAsking(null)} />}
      {asking === "assign" && <AssignDialog project={project} title={`Assign ${whom}`} onAssign={(to) => act({ act: "assign", to }, to === null ? "Given to nobody" : `Given to ${to}`)} onClose={() => setAsking(null)} />}
    </footer>
  );
}
