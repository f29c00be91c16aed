import { useState } from "react";
import { useRemoveSuppression } from "@/api/remove-suppression";
import { useMe } from "@/api/session";
import type { Suppression } from "@/api/types";
import { platformName } from "@/components/lead/post-view";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { cn } from "@/lib/cn";
import { formatDate, formatDateTime } from "@/lib/format";
import { KINDS } from "./kinds";

export const SUPPRESSION_ROW = "grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 md:grid-cols-[minmax(0,1fr)_minmax(0,12rem)_6.5rem_5.5rem]";

const SOURCES: Record<Suppression["source"], string> = { manual: "", import: "imported", erasure: "left by an erasure", reply: "asked for in a reply" };

/** A person has no name here: only the beginning of a digest, which tells two of them apart. */
export function SuppressionRow({ project, entry, onRemoved }: { project: string; entry: Suppression; onRemoved?: () => void }) {
  const remove = useRemoveSuppression(project);
  const mayRemove = useMe().is_superuser || entry.project !== null;
  const [asking, setAsking] = useState(false);
  const name = entry.value || `${KINDS[entry.kind].label.toLowerCase()} ${entry.digest.slice(0, 8)}`;
  const facts = [KINDS[entry.kind].label, entry.platform && platformName(entry.platform), entry.project === null && "all projects", SOURCES[entry.source]];
  return (
    <li className="border-b border-line last:border-b-0">
      <div className={cn(SUPPRESSION_ROW, "min-h-14 py-2.5", entry.is_expired && "text-muted")}>
        <div className="min-w-0">
          <p className="truncate font-medium">{entry.value || <code className="font-mono text-xs">{entry.digest.slice(0, 16)}…</code>}</p>
          <p className="truncate text-xs text-muted">{facts.filter(Boolean).join(" · ")}</p>
        </div>
        <p className="min-w-0 text-xs break-words text-muted max-md:order-last max-md:col-span-2">{entry.reason}</p>
        <span className="text-xs text-muted max-md:order-last max-md:col-span-2" title={entry.expires_at ? formatDateTime(entry.expires_at) : undefined}>
          {entry.expires_at === null ? "For ever" : `${entry.is_expired ? "Ended" : "Until"} ${formatDate(entry.expires_at)}`}
        </span>
        {mayRemove && (
          <Button look="danger" size="sm" className="justify-self-end" aria-label={`Remove ${name}`} onClick={() => setAsking(true)}>
            Remove
          </Button>
        )}
      </div>
      {asking && (
        <ConfirmDialog
          title="Take off the list?"
          confirm="Take off"
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(entry.id, {
              onSuccess: () => {
                setAsking(false);
                onRemoved?.();
              },
            })}
          onClose={() => setAsking(false)}
        >
          Whoever is meant may be contacted again{entry.project === null ? ", in every project" : ""}.
        </ConfirmDialog>
      )}
    </li>
  );
}
