import { type FormEvent, useState } from "react";
import { messageOf } from "@/api/problem";
import { useSetAccountBudget } from "@/api/set-account-budget";
import type { Account } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, INPUT } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { formatUsd } from "@/lib/format";
import { accountName } from "./account-name";

/** What an account may read in a month. An empty field is no limit. */
export function BudgetDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const { posts_limit, usd_limit, usd_per_post } = account.budget;
  const save = useSetAccountBudget(account.id);
  const [posts, setPosts] = useState(posts_limit === null ? "" : String(posts_limit));
  const [usd, setUsd] = useState(usd_limit ?? "");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ posts_limit: posts === "" ? null : Number(posts), usd_limit: usd === "" ? null : usd }, { onSuccess: onClose });
  };

  return (
    <Dialog title={`Monthly budget of ${accountName(account)}`} onClose={onClose}>
      <form onSubmit={submit} autoComplete="off" className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <p className="text-muted">When it is spent, the account’s queries are left until the next month begins (UTC). An empty field is no limit.</p>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Posts in a month">
            {(attributes) => <input {...attributes} type="number" min={0} max={1_000_000_000} step={1} value={posts} onChange={(event) => setPosts(event.target.value)} className={INPUT} />}
          </Field>
          {usd_per_post !== null && (
            <Field label="US dollars in a month" hint={`A post costs ${formatUsd(usd_per_post)} to read`}>
              {(attributes) => <input {...attributes} type="number" min={0} max={9_999_999} step={0.01} value={usd} onChange={(event) => setUsd(event.target.value)} className={INPUT} />}
            </Field>
          )}
        </div>
        {save.isError && <Notice>{messageOf(save.error)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" disabled={save.isPending}>
            {save.isPending ? "Saving…" : "Save budget"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
