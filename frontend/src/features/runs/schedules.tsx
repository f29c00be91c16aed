import { useState } from "react";
import { useSchedules } from "@/api/list-schedules";
import { useMay } from "@/api/session";
import { Button } from "@/components/ui/button";
import { ErrorState, Loading, Skeleton } from "@/components/ui/states";
import { AddScheduleDialog } from "./add-schedule-dialog";
import { ScheduleRow } from "./schedule-row";

/** When the project runs by itself. Everybody sees it; whoever may start a run may change it. */
export function Schedules({ project }: { project: string }) {
  const mayChange = useMay("reviewer");
  const schedules = useSchedules(project);
  const [adding, setAdding] = useState(false);
  const rows = schedules.data?.results ?? [];

  return (
    <section aria-label="Schedules" className="border-b border-line">
      <header className="flex min-h-11 items-center gap-2 px-4 md:px-5">
        <h2 className="text-base font-semibold">Schedules</h2>
        {mayChange && (
          <Button size="sm" icon="plus" className="ml-auto" onClick={() => setAdding(true)}>
            Add schedule
          </Button>
        )}
      </header>
      {schedules.isPending ? (
        <Loading what="schedules" className="flex h-13 items-center px-5">
          <Skeleton className="h-3.5 w-full max-w-md" />
        </Loading>
      ) : schedules.isError && !schedules.data ? (
        <ErrorState error={schedules.error} what="the schedules" onRetry={() => void schedules.refetch()} className="py-4" />
      ) : rows.length === 0 ? (
        <p className="flex min-h-13 items-center px-4 pb-2 text-muted md:px-5">No schedule: a run starts when somebody asks for one.</p>
      ) : (
        <ul aria-label="Schedules">
          {rows.map((schedule) => (
            <ScheduleRow key={schedule.id} project={project} schedule={schedule} mayChange={mayChange} />
          ))}
        </ul>
      )}
      {adding && <AddScheduleDialog project={project} onClose={() => setAdding(false)} />}
    </section>
  );
}
