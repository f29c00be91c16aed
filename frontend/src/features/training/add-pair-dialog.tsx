import { type FormEvent, useState } from "react";
import { useAddPair } from "@/api/add-pair";
import { QUEUE_VIEWS, type QueueView, useQueue } from "@/api/list-queue";
import { messageOf } from "@/api/problem";
import type { QueueItem } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select, TEXTAREA } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { humanize } from "@/lib/format";

const LONGEST = 5000;
const EXCERPT = 70;

/** A better answer to the prompt of a draft: one of the newest in a state, since a pair belongs to a draft. */
export function AddPairDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const add = useAddPair(project);
  const [status, setStatus] = useState<QueueView>("approved");
  const drafts = useQueue(project, status, "");
  const offered = drafts.data?.pages.flatMap((page) => page.results) ?? [];
  const [chosen, setChosen] = useState<number>();
  const draft = offered.find(({ id }) => id === chosen) ?? offered[0];
  const [better, setBetter] = useState<string>();
  const text = better ?? draft?.text_generated ?? "";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft) add.mutate({ draft: draft.id, chosen_text: text.trim(), rejected_text: "" }, { onSuccess: onClose });
  };
  const choose = (id: number) => {
    setChosen(id);
    setBetter(undefined);
  };

  return (
    <Dialog title="Add a preference pair" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <div className="grid gap-4 sm:grid-cols-[8rem_minmax(0,1fr)]">
          <Field label="Drafts that are">
            {(attributes) => (
              <Select
                {...attributes}
                value={status}
                onChange={({ target }) => {
                  setStatus(QUEUE_VIEWS.find((each) => each === target.value) ?? "approved");
                  setBetter(undefined);
                }}
              >
                {QUEUE_VIEWS.map((each) => (
                  <option key={each} value={each}>
                    {humanize(each)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Draft" hint={drafts.isSuccess && offered.length === 0 ? "There is none in this state." : undefined}>
            {(attributes) => (
              <Select {...attributes} disabled={offered.length === 0} value={draft?.id ?? ""} onChange={({ target }) => choose(Number(target.value))}>
                {offered.map((item) => (
                  <option key={item.id} value={item.id}>
                    {nameOf(item)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        {drafts.isError && <Notice>{messageOf(drafts.error)}</Notice>}
        {draft && (
          <div>
            <h3 className="text-xs font-medium text-soft">As it was generated</h3>
            <p dir="auto" className="mt-1 max-h-32 overflow-y-auto break-words whitespace-pre-wrap text-muted thin-scroll" tabIndex={0}>
              {draft.text_generated}
            </p>
          </div>
        )}
        <Field label="What would have been better">
          {(attributes) => <textarea {...attributes} dir="auto" rows={5} required maxLength={LONGEST} disabled={!draft} value={text} onChange={({ target }) => setBetter(target.value)} className={TEXTAREA} />}
        </Field>
        {add.isError && <Notice>{messageOf(add.error)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" disabled={add.isPending || !draft || text.trim() === draft.text_generated.trim()}>
            {add.isPending ? "Adding…" : "Add pair"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function nameOf(item: QueueItem): string {
  const text = item.text_generated.replace(/\s+/g, " ");
  return `${item.id}: ${text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text}`;
}
