import { type FormEvent, useState } from "react";
import { useCreateKey } from "@/api/create-key";
import { messageOf } from "@/api/problem";
import { useMe, useProject } from "@/api/session";
import type { Role } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog, startHere } from "@/components/ui/dialog";
import { Field, INPUT, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { powersOf } from "../roles";
import { RoleSelect } from "../role-select";
import { expiryOf, LIFETIMES } from "./key-state";
import { KeySecret } from "./key-secret";

/** First what the key is for; then, once and never again, the key itself. */
export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateKey();
  const [kept, setKept] = useState(false);
  const [warned, setWarned] = useState(false);
  const isLosingIt = create.isSuccess && !kept;
  const leave = () => (isLosingIt ? setWarned(true) : onClose());
  return (
    <Dialog title={create.isSuccess ? "Your new key" : "Create an API key"} onClose={leave}>
      {create.isSuccess ? (
        <KeySecret text={create.data.key} name={create.data.api_key.name} warned={warned && !kept} onKept={() => setKept(true)} onDone={onClose} />
      ) : (
        <KeyForm create={create} onClose={onClose} />
      )}
    </Dialog>
  );
}

function KeyForm({ create, onClose }: { create: ReturnType<typeof useCreateKey>; onClose: () => void }) {
  const here = useProject().slug;
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [days, setDays] = useState(LIFETIMES[1]?.label);
  const [everywhere, setEverywhere] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set([here]));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const lifetime = LIFETIMES.find(({ label }) => label === days)?.days ?? null;
    create.mutate({ name: name.trim(), role, projects: everywhere ? [] : [...chosen], expires_at: expiryOf(lifetime, Date.now()) });
  };

  return (
    <form onSubmit={submit} className="flex flex-col gap-4 px-5 pt-1 pb-5">
      <Field label="What is it for?">
        {(attributes) => <input {...attributes} ref={startHere} required maxLength={100} autoComplete="off" placeholder="Nightly export" value={name} onChange={(event) => setName(event.target.value)} className={INPUT} />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Role" hint={powersOf(role)}>
          {(attributes) => <RoleSelect {...attributes} value={role} onChoose={setRole} />}
        </Field>
        <Field label="Expires after">
          {(attributes) => (
            <Select {...attributes} value={days} onChange={(event) => setDays(event.target.value)}>
              {LIFETIMES.map(({ label }) => (
                <option key={label}>{label}</option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <ProjectChoice everywhere={everywhere} chosen={chosen} onEverywhere={setEverywhere} onChoose={setChosen} />
      {create.isError && <Notice>{messageOf(create.error)}</Notice>}
      <div className="flex justify-end gap-2">
        <Button look="ghost" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" look="primary" disabled={create.isPending || name.trim() === "" || (!everywhere && chosen.size === 0)}>
          {create.isPending ? "Creating…" : "Create key"}
        </Button>
      </div>
    </form>
  );
}

interface ProjectChoiceProps {
  everywhere: boolean;
  chosen: ReadonlySet<string>;
  onEverywhere: (everywhere: boolean) => void;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

/** The server refuses a key for a project that its maker does not operate, so only those are offered. */
function ProjectChoice({ everywhere, chosen, onEverywhere, onChoose }: ProjectChoiceProps) {
  const operated = useMe().projects.filter(({ role }) => role === "operator");
  const toggle = (slug: string) => {
    const next = new Set(chosen);
    if (!next.delete(slug)) next.add(slug);
    onChoose(next);
  };
  return (
    <fieldset>
      <legend className="mb-1.5 text-xs font-medium text-soft">Reaches</legend>
      <div className="flex max-h-48 flex-col gap-0.5 overflow-y-auto thin-scroll">
        {operated.map(({ slug, name }) => (
          <Choice key={slug} label={name} checked={everywhere || chosen.has(slug)} disabled={everywhere} onChange={() => toggle(slug)} />
        ))}
        <Choice label="All projects that you have or will have" checked={everywhere} onChange={() => onEverywhere(!everywhere)} />
      </div>
    </fieldset>
  );
}

function Choice({ label, checked, disabled, onChange }: { label: string; checked: boolean; disabled?: boolean; onChange: () => void }) {
  return (
    <label className="flex min-h-7 items-center gap-2.5 has-disabled:text-muted">
      <input type="checkbox" checked={checked} disabled={disabled} onChange={onChange} className="size-3.5 shrink-0 accent-accent" />
      <span className="min-w-0 break-words">{label}</span>
    </label>
  );
}
