import { type FormEvent, useState } from "react";
import { useErasePerson, usePreviewErasure } from "@/api/erase-person";
import { useErasures } from "@/api/list-erasures";
import { messageOf } from "@/api/problem";
import type { Certificate } from "@/api/types";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Field, INPUT } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { formatCount, formatDateTime } from "@/lib/format";
import { Framed, ShowMore } from "../section";
import { PlatformField } from "./platform-field";

/** For superusers: posts are shared, so a person is erased from every project at once. */
export function ErasureSection() {
  const preview = usePreviewErasure();
  const erase = useErasePerson();
  const [platform, setPlatform] = useState("");
  const [handle, setHandle] = useState("");
  const [asking, setAsking] = useState(false);
  const wanted = { platform, handle: handle.trim(), platform_user_id: "" };
  const rows = preview.data ? Object.values(preview.data.counts).reduce((sum, count) => sum + count, 0) : 0;

  const changed = (change: () => void) => {
    change();
    preview.reset();
    erase.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    erase.reset();
    preview.mutate(wanted);
  };

  return (
    <section aria-label="Erase a person" className="flex flex-col gap-3 border-t border-line pt-5">
      <div>
        <h3 className="font-semibold">Erase a person</h3>
        <p className="mt-0.5 max-w-2xl text-muted">
          Removes from every project what they posted and all that was made of it. They stay on this list without a name, and nothing of them is collected again.
        </p>
      </div>
      <form onSubmit={submit} className="grid max-w-2xl items-end gap-3 sm:grid-cols-[10rem_minmax(0,1fr)_auto]">
        <PlatformField value={platform} onChoose={(name) => changed(() => setPlatform(name))} />
        <Field label="Handle">
          {(attributes) => (
            <input {...attributes} required maxLength={200} autoComplete="off" autoCapitalize="none" spellCheck={false} value={handle} onChange={(event) => changed(() => setHandle(event.target.value))} className={INPUT} />
          )}
        </Field>
        <Button type="submit" disabled={preview.isPending || platform === "" || wanted.handle === ""}>
          {preview.isPending ? "Counting…" : "Preview"}
        </Button>
      </form>
      {preview.isError && <Notice>{messageOf(preview.error)}</Notice>}
      {preview.isSuccess && !erase.isSuccess && (
        <div className="flex flex-col gap-3">
          <p role="status">{rows === 0 ? "Nothing is stored of them. Erasing keeps them from being collected." : `This would be removed: ${formatCount(rows)} rows.`}</p>
          <Counts certificate={preview.data} />
          <Button look="danger" className="self-start" onClick={() => setAsking(true)}>
            Erase this person
          </Button>
        </div>
      )}
      {erase.isSuccess && (
        <Notice tone="good">
          Erased. The certificate is number {erase.data.id} of the audit log, and stays in the list below.
        </Notice>
      )}
      <Certificates />
      {asking && (
        <ConfirmDialog
          title="Erase this person?"
          confirm="Erase for good"
          pending={erase.isPending}
          error={erase.error}
          onConfirm={() => erase.mutate(wanted, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        >
          {formatCount(rows)} rows go, in all projects. There is no way back.
        </ConfirmDialog>
      )}
    </section>
  );
}

function Counts({ certificate }: { certificate: Certificate }) {
  return (
    <ul aria-label="Rows by table" className="grid max-w-2xl gap-x-6 text-xs text-soft sm:grid-cols-2">
      {Object.entries(certificate.counts).map(([table, count]) => (
        <li key={table} className="flex justify-between gap-3">
          <code className="font-mono">{table}</code>
          <span className="tabular-nums">{formatCount(count)}</span>
        </li>
      ))}
    </ul>
  );
}

function Certificates() {
  const erasures = useErasures();
  const rows = erasures.data?.pages.flatMap((page) => page.results) ?? [];
  if (erasures.isError) return <Notice>{messageOf(erasures.error)}</Notice>;
  if (rows.length === 0) return null;
  return (
    <Framed>
      <ul aria-label="Certificates of erasure">
        {rows.map((certificate) => (
          <li key={certificate.id} className="border-b border-line px-4 py-2 last:border-b-0">
            <details>
              <summary className="cursor-default">
                {formatDateTime(certificate.at)} · by {certificate.by} · <code className="font-mono text-xs">{certificate.digest.slice(0, 16)}…</code>
              </summary>
              <Counts certificate={certificate} />
            </details>
          </li>
        ))}
      </ul>
      <ShowMore list={erasures}>Show older certificates</ShowMore>
    </Framed>
  );
}
