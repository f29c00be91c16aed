import { useState } from "react";
import { Link } from "react-router";
import { usePauseSchedule } from "@/api/pause-schedule";
import { messageOf } from "@/api/problem";
import { useRemoveSchedule } from "@/api/remove-schedule";
import type { Schedule } from "@/api/types";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Notice } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { formatDateTime } from "@/lib/format";
import { describeTimes } from "./schedule-times";

const ROW = "grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-2 md:grid-cols-[minmax(0,1fr)_14rem_minmax(0,1fr)_auto] md:px-5";

export function ScheduleRow({ project, schedule, mayChange }: { project: string; schedule: Schedule; mayChange: boolean }) {
  const pause = usePauseSchedule(project);
  const [removing, setRemoving] = useState(false);
  const paused = schedule.paused_at !== null;

  return (
    <li className="border-t border-line">
      <div className={ROW}>
        <div className="min-w-0">
          <p className="truncate font-medium">{schedule.label}</p>
          <p className="truncate text-xs text-muted">{describeTimes(schedule)}</p>
        </div>
        <div className="text-soft max-md:order-3 max-md:col-span-2">{paused ? <PausedBy schedule={schedule} /> : `Next run ${formatDateTime(schedule.next_run_at)}`}</div>
        <div className="min-w-0 max-md:order-4 max-md:col-span-2">
          <LastTime project={project} schedule={schedule} />
        </div>
        {mayChange && (
          <div className="flex justify-end gap-2 max-md:order-2">
            <Button size="sm" disabled={pause.isPending} aria-label={`${paused ? "Resume" : "Pause"} ${schedule.label}`} onClick={() => pause.mutate({ id: schedule.id, paused: !paused })}>
              {paused ? "Resume" : "Pause"}
            </Button>
            <Button size="sm" look="danger" aria-label={`Remove ${schedule.label}`} onClick={() => setRemoving(true)}>
              Remove
            </Button>
          </div>
        )}
      </div>
      {pause.isError && (
        <div className="px-4 pb-3 md:px-5">
          <Notice>{messageOf(pause.error)}</Notice>
        </div>
      )}
      {removing && <RemoveDialog project={project} schedule={schedule} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function PausedBy({ schedule }: { schedule: Schedule }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2" title={formatDateTime(schedule.paused_at)}>
      <Status value="paused" />
      {schedule.paused_by && <span className="text-xs text-muted">by {schedule.paused_by}</span>}
    </span>
  );
}

/** What came of the last time: the run that it started, or why there was none. */
function LastTime({ project, schedule }: { project: string; schedule: Schedule }) {
  const { last_outcome, last_problem, last_run } = schedule;
  if (last_outcome === "") return <span className="text-muted">Not yet due</span>;
  if (last_problem) {
    return (
      <span className="flex min-w-0 flex-wrap items-center gap-x-2">
        <Status value={last_outcome} />
        <span className="min-w-0 text-xs break-words text-muted">{last_problem}</span>
      </span>
    );
  }
  if (!last_run) return <Status value={last_outcome} />;
  return (
    <Link to={`/p/${project}/runs/${last_run.id}`} className="inline-flex items-center gap-2 rounded-md hover:underline">
      Run {last_run.id} <Status value={last_run.status} />
    </Link>
  );
}

function RemoveDialog({ project, schedule, onClose }: { project: string; schedule: Schedule; onClose: () => void }) {
  const remove = useRemoveSchedule(project);
  return (
    <ConfirmDialog
      title={`Remove ${schedule.label}?`}
      confirm="Remove schedule"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(schedule.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      It starts no run any more. The runs that it has started stay.
    </ConfirmDialog>
  );
}
