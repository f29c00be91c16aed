import { type FormEvent, useState } from "react";
import { useAddSuppression } from "@/api/add-suppression";
import { messageOf } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { Dialog, startHere } from "@/components/ui/dialog";
import { Field, INPUT, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { useToasts } from "@/components/ui/toast";
import { KINDS, type Kind, namesAPerson } from "./kinds";
import { PlatformField } from "./platform-field";
import { ScopeChoice } from "./scope-choice";

export function AddSuppressionDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const add = useAddSuppression(project);
  const toasts = useToasts();
  const [kind, setKind] = useState<Kind>("handle");
  const [platform, setPlatform] = useState("");
  const [value, setValue] = useState("");
  const [reason, setReason] = useState("");
  const [lastDay, setLastDay] = useState("");
  const [everywhere, setEverywhere] = useState(false);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      {
        project: everywhere ? null : project,
        kind,
        platform: kind === "domain" ? "" : platform,
        value: value.trim(),
        reason: reason.trim(),
        expires_at: lastDay ? `${lastDay}T23:59:59Z` : null,
      },
      {
        onSuccess: () => {
          toasts.show({ message: "It is on the list: no draft is written from now on." });
          onClose();
        },
      },
    );
  };

  return (
    <Dialog title="Add to the list" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Kind">
            {(attributes) => (
              <Select {...attributes} value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
                {Object.entries(KINDS).map(([name, { label }]) => (
                  <option key={name} value={name}>
                    {label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {kind !== "domain" && <PlatformField value={platform} onChoose={setPlatform} anyLabel={namesAPerson(kind) ? undefined : "Any platform"} />}
        </div>
        <Field label={KINDS[kind].label} hint={KINDS[kind].hint}>
          {(attributes) => (
            <input
              {...attributes}
              ref={startHere}
              required
              maxLength={200}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              placeholder={KINDS[kind].placeholder}
              value={value}
              onChange={(event) => setValue(event.target.value)}
              className={INPUT}
            />
          )}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Reason" hint="For colleagues; write no names">
            {(attributes) => <input {...attributes} maxLength={300} autoComplete="off" value={reason} onChange={(event) => setReason(event.target.value)} className={INPUT} />}
          </Field>
          <Field label="Last day" hint="Empty: for ever">
            {(attributes) => <input {...attributes} type="date" value={lastDay} onChange={(event) => setLastDay(event.target.value)} className={INPUT} />}
          </Field>
        </div>
        <ScopeChoice everywhere={everywhere} onChoose={setEverywhere} />
        {add.isError && <Notice>{messageOf(add.error)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" disabled={add.isPending || value.trim() === ""}>
            {add.isPending ? "Adding…" : "Add to list"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
