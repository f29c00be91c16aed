import { type FormEvent, useState } from "react";
import { useImportSuppressions } from "@/api/import-suppressions";
import { messageOf } from "@/api/problem";
import type { ImportedSuppressions } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { formatCount } from "@/lib/format";
import { ScopeChoice } from "./scope-choice";

export function ImportDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const bring = useImportSuppressions(project);
  const [file, setFile] = useState<File | null>(null);
  const [everywhere, setEverywhere] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (file) bring.mutate({ csv: await file.text(), everywhere });
  };

  return (
    <Dialog title="Import a list" onClose={onClose}>
      {bring.isSuccess ? (
        <Outcome told={bring.data} onClose={onClose} />
      ) : (
        <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4 px-5 pt-1 pb-5">
          <Field label="CSV file" hint="With the columns platform and handle, or as an export writes them. Nothing on the list is weakened.">
            {(attributes) => <input {...attributes} type="file" accept=".csv,text/csv" onChange={(event) => setFile(event.target.files?.[0] ?? null)} className="block w-full text-sm" />}
          </Field>
          <ScopeChoice everywhere={everywhere} onChoose={setEverywhere} />
          {bring.isError && <Notice>{messageOf(bring.error)}</Notice>}
          <div className="flex justify-end gap-2">
            <Button look="ghost" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" look="primary" disabled={bring.isPending || file === null}>
              {bring.isPending ? "Importing…" : "Import"}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function Outcome({ told, onClose }: { told: ImportedSuppressions; onClose: () => void }) {
  return (
    <div className="flex flex-col gap-4 px-5 pt-1 pb-5">
      <p role="status">
        {formatCount(told.added)} added, {formatCount(told.changed)} changed, {formatCount(told.unchanged)} as they were, {formatCount(told.refused)} refused.
      </p>
      {told.problems.length > 0 && (
        <ul aria-label="Lines that were refused" tabIndex={0} className="max-h-48 overflow-y-auto thin-scroll text-xs text-muted">
          {told.problems.map(({ line, problem }) => (
            <li key={line}>
              Line {line}: {problem}
            </li>
          ))}
        </ul>
      )}
      <Button look="primary" className="self-end" onClick={onClose}>
        Done
      </Button>
    </div>
  );
}
