import { type FormEvent, useState } from "react";
import { messageOf } from "@/api/problem";
import { type RunWish, useStartRun } from "@/api/start-run";
import type { Run } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, INPUT, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { humanize } from "@/lib/format";
import { STAGES } from "./stages";

export function StartRunDialog({ project, onClose, onStarted }: { project: string; onClose: () => void; onStarted: (run: Run) => void }) {
  const start = useStartRun(project);
  const [stages, setStages] = useState<ReadonlySet<string>>(new Set(STAGES));
  const [limit, setLimit] = useState("");
  const [refresh, setRefresh] = useState("");
  const [since, setSince] = useState("");

  const toggle = (name: string) => {
    const next = new Set(stages);
    if (!next.delete(name)) next.add(name);
    setStages(next);
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate(wishOf({ stages, limit, refresh, since }), { onSuccess: onStarted });
  };

  return (
    <Dialog title="Run the pipeline" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <p className="text-muted">Each stage takes up what the one before it has left. Nothing is done twice.</p>
        <fieldset>
          <legend className="mb-1.5 text-xs font-medium text-soft">Stages</legend>
          <div className="grid grid-cols-2 gap-1.5 sm:grid-cols-3">
            {STAGES.map((name) => (
              <label
                key={name}
                className={cn(
                  "flex h-8 cursor-pointer items-center gap-2 rounded-md border px-2.5 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-accent-text",
                  stages.has(name) ? "border-line-strong bg-selected" : "border-line text-muted hover:bg-hover",
                )}
              >
                <input type="checkbox" checked={stages.has(name)} onChange={() => toggle(name)} className="accent-accent outline-none" />
                {humanize(name)}
              </label>
            ))}
          </div>
        </fieldset>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="At most, per stage" hint="Leads; empty for no limit">
            {(attributes) => (
              <input {...attributes} type="number" min={1} max={1_000_000} inputMode="numeric" value={limit} onChange={(event) => setLimit(event.target.value)} className={INPUT} placeholder="No limit" />
            )}
          </Field>
          <Field label="Do again" hint="After a change of prompt, rules or weights">
            {(attributes) => (
              <Select {...attributes} value={refresh} onChange={(event) => setRefresh(event.target.value)}>
                <option value="">Nothing</option>
                <option value="judge">Judging</option>
                <option value="score">Scoring</option>
              </Select>
            )}
          </Field>
        </div>
        {refresh && (
          <Field label="For leads collected since">
            {(attributes) => (
              <input {...attributes} type="date" required value={since} onChange={(event) => setSince(event.target.value)} className={INPUT} />
            )}
          </Field>
        )}
        {start.isError && <Notice>{messageOf(start.error)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Close
          </Button>
          <Button type="submit" look="primary" icon="runs" disabled={start.isPending || stages.size === 0}>
            {start.isPending ? "Starting…" : "Start run"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function wishOf(form: { stages: ReadonlySet<string>; limit: string; refresh: string; since: string }): RunWish {
  const wish: RunWish = {};
  if (form.stages.size < STAGES.length) wish.stages = STAGES.filter((name) => form.stages.has(name));
  if (form.limit) wish.limit = Number(form.limit);
  if (form.refresh === "judge" || form.refresh === "score") {
    wish.refresh = form.refresh;
    wish.since = form.since;
  }
  return wish;
}
