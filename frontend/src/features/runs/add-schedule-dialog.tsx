import { type FormEvent, useState } from "react";
import { type ScheduleWish, useCreateSchedule } from "@/api/create-schedule";
import { messageOf } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { Dialog, startHere } from "@/components/ui/dialog";
import { Field, INPUT, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { useToasts } from "@/components/ui/toast";
import { formatDateTime } from "@/lib/format";
import { describePeriod, MOST_MINUTES, PERIODS } from "./schedule-times";

interface Form {
  label: string;
  /** A period in minutes, or how else it is said when. */
  when: string;
  minutes: string;
  cron: string;
  limit: string;
}

export function AddScheduleDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const create = useCreateSchedule(project);
  const toasts = useToasts();
  const [form, setForm] = useState<Form>({ label: "", when: "60", minutes: "", cron: "", limit: "" });
  const set = (part: Partial<Form>) => setForm((now) => ({ ...now, ...part }));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(wishOf(form), {
      onSuccess: (schedule) => {
        toasts.show({ message: `${schedule.label} first runs ${formatDateTime(schedule.next_run_at)}.` });
        onClose();
      },
    });
  };

  return (
    <Dialog title="Add a schedule" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <p className="text-muted">The pipeline runs by itself, first after one period. A time that was missed is caught up once.</p>
        <Field label="Name">
          {(attributes) => <input {...attributes} ref={startHere} required maxLength={64} autoComplete="off" value={form.label} onChange={(event) => set({ label: event.target.value })} className={INPUT} />}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="When">
            {(attributes) => (
              <Select {...attributes} value={form.when} onChange={(event) => set({ when: event.target.value })}>
                {PERIODS.map((minutes) => (
                  <option key={minutes} value={minutes}>
                    {describePeriod(minutes)}
                  </option>
                ))}
                <option value="minutes">Every so many minutes</option>
                <option value="cron">At the times of a cron text</option>
              </Select>
            )}
          </Field>
          <Field label="At most, per stage" hint="Leads; empty for no limit">
            {(attributes) => (
              <input {...attributes} type="number" min={1} max={1_000_000} inputMode="numeric" value={form.limit} onChange={(event) => set({ limit: event.target.value })} className={INPUT} placeholder="No limit" />
            )}
          </Field>
        </div>
        {form.when === "minutes" && (
          <Field label="Minutes" hint="1 to 10,080, which is a week">
            {(attributes) => (
              <input {...attributes} type="number" required min={1} max={MOST_MINUTES} inputMode="numeric" value={form.minutes} onChange={(event) => set({ minutes: event.target.value })} className={INPUT} />
            )}
          </Field>
        )}
        {form.when === "cron" && (
          <Field label="Cron text, in UTC" hint="Minute, hour, day of the month, month, day of the week">
            {(attributes) => (
              <input {...attributes} required maxLength={100} autoComplete="off" autoCapitalize="none" spellCheck={false} placeholder="0 7 * * 1-5" value={form.cron} onChange={(event) => set({ cron: event.target.value })} className={INPUT} />
            )}
          </Field>
        )}
        {create.isError && <Notice>{messageOf(create.error)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" disabled={create.isPending || form.label.trim() === ""}>
            {create.isPending ? "Adding…" : "Add schedule"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function wishOf({ label, when, minutes, cron, limit }: Form): ScheduleWish {
  const wish: ScheduleWish = { label: label.trim() };
  if (when === "cron") wish.cron = cron.trim();
  else wish.every_minutes = Number(when === "minutes" ? minutes : when);
  if (limit) wish.options = { limit: Number(limit) };
  return wish;
}
