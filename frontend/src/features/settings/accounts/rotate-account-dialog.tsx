import { type FormEvent, useState } from "react";
import { usePlatforms } from "@/api/list-platforms";
import { messageOf } from "@/api/problem";
import { useRotateAccount } from "@/api/rotate-account";
import type { Account } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ErrorState, Loading, Notice, Skeleton } from "@/components/ui/states";
import { humanize } from "@/lib/format";
import { CredentialFields, filledIn } from "./credential-fields";
import { accountName } from "./account-name";

export function RotateAccountDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const platforms = usePlatforms();
  const rotate = useRotateAccount(account.id);
  const [values, setValues] = useState<Record<string, string>>({});
  const fields = platforms.data?.find(({ name }) => name === account.platform)?.credentials ?? [];
  const credentials = filledIn(fields, values);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    rotate.mutate(credentials, { onSuccess: onClose });
  };

  return (
    <Dialog title={`New credentials for ${accountName(account)}`} onClose={onClose}>
      <form onSubmit={submit} autoComplete="off" className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <p className="text-muted">They take the place of the present ones as soon as {humanize(account.platform)} has accepted them.</p>
        {platforms.isPending ? (
          <Loading what="its fields">
            <Skeleton className="h-12" />
          </Loading>
        ) : platforms.isError ? (
          <ErrorState error={platforms.error} what="its fields" onRetry={() => void platforms.refetch()} className="py-6" />
        ) : (
          <CredentialFields fields={fields} values={values} onChange={setValues} />
        )}
        {rotate.isError && <Notice>{messageOf(rotate.error)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" disabled={rotate.isPending || Object.keys(credentials).length === 0}>
            {rotate.isPending ? "Asking…" : "Replace"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
