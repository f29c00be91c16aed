import { type FormEvent, useState } from "react";
import { messageOf } from "@/api/problem";
import { type ExportWish, useStartExport } from "@/api/start-export";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, INPUT, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { FORMATS } from "./words";

type Format = keyof typeof FORMATS;

export function StartExportDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const start = useStartExport(project);
  const [wish, setWish] = useState<ExportWish>({ type: "dpo", format: "trl", since: null, include_metadata: false, include_restricted: false });
  const set = (part: Partial<ExportWish>) => setWish((now) => ({ ...now, ...part }));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate(wish, { onSuccess: onClose });
  };

  return (
    <Dialog title="Export preference pairs" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Format">
            {(attributes) => (
              <Select {...attributes} value={wish.format} onChange={({ target }) => set({ format: target.value as Format })}>
                {Object.entries(FORMATS).map(([format, name]) => (
                  <option key={format} value={format}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Since" hint="Empty for all pairs">
            {(attributes) => <input {...attributes} type="date" value={wish.since ?? ""} onChange={({ target }) => set({ since: target.value || null })} className={INPUT} />}
          </Field>
        </div>
        <Choice label="Say of each pair where it comes from" checked={wish.include_metadata} onChange={(include_metadata) => set({ include_metadata })} />
        <Choice label="Include platforms whose terms forbid training" checked={wish.include_restricted} onChange={(include_restricted) => set({ include_restricted })} />
        {wish.include_restricted && <Notice tone="warn">Only with the platform’s permission: what its terms forbid, a model must not be trained on.</Notice>}
        {start.isError && <Notice>{messageOf(start.error)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" disabled={start.isPending}>
            {start.isPending ? "Starting…" : "Start export"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Choice({ label, checked, onChange }: { label: string; checked?: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label className="flex min-h-7 items-center gap-2.5">
      <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} className="size-3.5 shrink-0 accent-accent" />
      <span>{label}</span>
    </label>
  );
}
