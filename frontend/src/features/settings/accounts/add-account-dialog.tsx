import { type FormEvent, useState } from "react";
import { useAddAccount } from "@/api/add-account";
import { usePlatforms } from "@/api/list-platforms";
import { messageOf } from "@/api/problem";
import { useMe } from "@/api/session";
import type { Platform } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, INPUT, Select } from "@/components/ui/field";
import { ErrorState, Loading, Notice, Skeleton } from "@/components/ui/states";
import { humanize } from "@/lib/format";
import { CredentialFields, filledIn } from "./credential-fields";

export function AddAccountDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const platforms = usePlatforms();
  const offered = platforms.data?.filter(({ account }) => account !== "none") ?? [];
  const first = offered[0];
  return (
    <Dialog title="Add an account" onClose={onClose}>
      {platforms.isPending ? (
        <Loading what="platforms" className="flex flex-col gap-4 px-5 pt-1 pb-5">
          <Skeleton className="h-12" />
          <Skeleton className="h-12" />
        </Loading>
      ) : platforms.isError ? (
        <ErrorState error={platforms.error} what="the platforms" onRetry={() => void platforms.refetch()} className="py-6" />
      ) : first ? (
        <AccountForm project={project} platforms={offered} first={first} onClose={onClose} />
      ) : (
        <p className="px-5 pt-1 pb-5 text-muted">No platform here takes an account.</p>
      )}
    </Dialog>
  );
}

function AccountForm({ project, platforms, first, onClose }: { project: string; platforms: Platform[]; first: Platform; onClose: () => void }) {
  const { is_superuser } = useMe();
  const add = useAddAccount();
  const [platform, setPlatform] = useState(first);
  const [label, setLabel] = useState("main");
  const [address, setAddress] = useState("");
  const [values, setValues] = useState<Record<string, string>>({});
  const [shared, setShared] = useState(false);
  const credentials = filledIn(platform.credentials, values);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ platform: platform.name, project: shared ? null : project, label: label.trim(), base_url: address.trim(), credentials }, { onSuccess: onClose });
  };

  const choose = (name: string) => {
    setPlatform(platforms.find((known) => known.name === name) ?? platform);
    setValues({}); // a secret of one platform is never sent to another
  };

  return (
    <form onSubmit={submit} autoComplete="off" className="flex flex-col gap-4 px-5 pt-1 pb-5">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Platform" hint={platform.account === "required" ? "Answers only to an account" : "Allows more with an account"}>
          {(attributes) => (
            <Select {...attributes} value={platform.name} onChange={(event) => choose(event.target.value)}>
              {platforms.map(({ name }) => (
                <option key={name} value={name}>
                  {humanize(name)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Label" hint="What you call it">
          {(attributes) => <input {...attributes} required maxLength={100} value={label} onChange={(event) => setLabel(event.target.value)} className={INPUT} />}
        </Field>
      </div>
      <Field label="Instance" hint={platform.default_base_url ? "Empty for the platform’s own" : "The address where the account lives"}>
        {(attributes) => (
          <input {...attributes} type="url" inputMode="url" maxLength={300} placeholder={platform.default_base_url || "https://"} value={address} onChange={(event) => setAddress(event.target.value)} className={INPUT} />
        )}
      </Field>
      <CredentialFields fields={platform.credentials} values={values} onChange={setValues} />
      {is_superuser && (
        <label className="flex items-center gap-2.5">
          <input type="checkbox" checked={shared} onChange={() => setShared(!shared)} className="size-3.5 accent-accent" />
          For all projects
        </label>
      )}
      {add.isError && <Notice>{messageOf(add.error)}</Notice>}
      <p className="text-xs text-muted">
        {platform.oauth ? "With no more than an application’s id and secret it is stored unasked: press Connect afterwards." : "The platform is asked before anything is stored."}
      </p>
      <div className="flex justify-end gap-2">
        <Button look="ghost" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" look="primary" disabled={add.isPending || Object.keys(credentials).length === 0}>
          {add.isPending ? "Asking…" : "Add account"}
        </Button>
      </div>
    </form>
  );
}
