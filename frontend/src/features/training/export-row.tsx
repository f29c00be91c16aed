import { useState } from "react";
import { downloadAddress, isUnderWay } from "@/api/list-exports";
import { useRemoveExport } from "@/api/remove-export";
import type { TrainingExport } from "@/api/types";
import { Button, buttonClass } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatCalendarDate, formatCount } from "@/lib/format";
import { FORMATS, formatBytes } from "./words";

export function ExportRow({ project, row }: { project: string; row: TrainingExport }) {
  const [removing, setRemoving] = useState(false);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0">
      <div className="min-w-0 grow basis-72">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{FORMATS[row.format]}</span>
          <Status value={row.state} />
          <span className="text-xs text-muted">
            {row.requested_by ?? "a command"}, <TimeAgo value={row.created_at} />
          </span>
        </p>
        <p className="mt-0.5 break-words text-soft tabular-nums">{contentOf(row)}</p>
        {row.sha256 && <p className="truncate font-mono text-2xs text-muted">sha256 {row.sha256}</p>}
      </div>
      <div className="flex gap-2">
        {row.downloadable && (
          <a href={downloadAddress(row.id)} download className={buttonClass("secondary", "sm")} aria-label={`Download export ${row.id}`}>
            Download
          </a>
        )}
        {row.state !== "removed" && (
          <Button size="sm" look="danger" aria-label={`Remove export ${row.id}`} onClick={() => setRemoving(true)}>
            {isUnderWay(row) ? "Stop" : "Remove"}
          </Button>
        )}
      </div>
      {removing && <RemoveDialog project={project} row={row} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function RemoveDialog({ project, row, onClose }: { project: string; row: TrainingExport; onClose: () => void }) {
  const remove = useRemoveExport(project);
  return (
    <ConfirmDialog
      title={`Remove export ${row.id}?`}
      confirm="Remove file"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(row.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      The file is deleted. What it held stays listed here.
    </ConfirmDialog>
  );
}

function contentOf({ state, problem, rows, bytes, counts, filters }: TrainingExport): string {
  if (counts === null) return problem || "A worker will write it.";
  const { restricted, gone, do_not_contact, without_prompt } = counts.left_out;
  const parts = [
    `${formatCount(rows)} ${rows === 1 ? "pair" : "pairs"}, ${formatBytes(bytes)}`,
    filters.since && `since ${formatCalendarDate(filters.since)}`,
    filters.include_restricted && "restricted platforms included",
    restricted > 0 && `${formatCount(restricted)} left out by their platform’s terms`,
    gone > 0 && `${formatCount(gone)} left out because the post is gone`,
    do_not_contact > 0 && `${formatCount(do_not_contact)} left out of authors who are not to be contacted`,
    without_prompt > 0 && `${formatCount(without_prompt)} left out without a prompt`,
    state === "removed" && problem,
  ];
  return parts.filter(Boolean).join(" · ");
}
