import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { ChoiceDialog } from "@/components/ui/choice-dialog";
import { Field, INPUT } from "@/components/ui/field";
import { dayOf, morningOn, nextWeek, tomorrow } from "@/lib/snooze-times";

const shortDay = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short" });

/** The server takes no longer ones. */
const MOST_DAYS = 365;

export function SnoozeDialog({ title, onSnooze, onClose }: { title: string; onSnooze: (until: string) => void; onClose: () => void }) {
  const [now] = useState(() => new Date());
  const [day, setDay] = useState("");
  const times = { tomorrow: tomorrow(now), next_week: nextWeek(now) };
  const chosen = morningOn(day, now);
  const choices = [
    { id: "tomorrow", label: "Tomorrow", note: shortDay.format(times.tomorrow) },
    { id: "next_week", label: "Next week", note: shortDay.format(times.next_week) },
  ] as const;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen) onSnooze(chosen.toISOString());
  };
  return (
    <ChoiceDialog title={title} choices={choices} onChoose={(id) => onSnooze(times[id === "tomorrow" ? "tomorrow" : "next_week"].toISOString())} onClose={onClose}>
      <form onSubmit={submit} className="flex items-center gap-2">
        <Field label="Or on another day" hint="At nine in the morning, by your clock." className="grow">
          {(attributes) => (
            <input
              {...attributes}
              type="date"
              min={dayOf(times.tomorrow)}
              max={dayOf(new Date(now.getTime() + MOST_DAYS * 86_400_000))}
              value={day}
              onChange={(event) => setDay(event.target.value)}
              className={INPUT}
            />
          )}
        </Field>
        <Button type="submit" icon="clock" disabled={!chosen}>
          Snooze
        </Button>
      </form>
    </ChoiceDialog>
  );
}
