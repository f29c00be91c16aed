import { useState } from "react";
import { messageOf } from "@/api/problem";
import { useRemoveAccount } from "@/api/remove-account";
import { useTestAccount } from "@/api/test-account";
import type { Account, ReadBudget } from "@/api/types";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Notice } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatCount, formatDateTime, formatUsd, humanize } from "@/lib/format";
import { accountName } from "./account-name";
import { ConnectButton } from "./connect-button";
import { BudgetDialog } from "./budget-dialog";
import { RotateAccountDialog } from "./rotate-account-dialog";

/** One account and its health: what its platform said when it was last asked. */
export function AccountRow({ account, mayChange }: { account: Account; mayChange: boolean }) {
  const test = useTestAccount(account.id);
  const [failed, setFailed] = useState<unknown>(null);
  const [asking, setAsking] = useState<"rotate" | "budget" | "remove" | null>(null);
  return (
    <li className="flex flex-col gap-2 border-b border-line px-4 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 grow basis-56">
          <p className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
            <span className="font-medium break-words">{account.label}</span>
            <Status value={account.state} />
            {account.project === null && <span className="text-xs text-muted">shared by all projects</span>}
          </p>
          <p className="mt-0.5 text-xs break-words text-muted">
            {[humanize(account.platform), account.handle, account.base_url].filter(Boolean).join(" · ")}
            {" · checked "}
            <TimeAgo value={account.last_checked_at} />
          </p>
        </div>
        {mayChange && (
          <div className="flex flex-wrap gap-2">
            {account.oauth && <ConnectButton account={account} onFailed={setFailed} />}
            <Button size="sm" icon="refresh" disabled={test.isPending} aria-label={`Test ${accountName(account)}`} onClick={() => test.mutate()}>
              {test.isPending ? "Testing…" : "Test"}
            </Button>
            <Button size="sm" aria-label={`New credentials for ${accountName(account)}`} onClick={() => setAsking("rotate")}>
              New credentials
            </Button>
            <Button size="sm" aria-label={`Monthly budget of ${accountName(account)}`} onClick={() => setAsking("budget")}>
              Budget
            </Button>
            <Button look="danger" size="sm" aria-label={`Remove ${accountName(account)}`} onClick={() => setAsking("remove")}>
              Remove
            </Button>
          </div>
        )}
      </div>
      <p role="status" className="sr-only">
        {test.isSuccess && `${accountName(account)}: ${test.data.state === "ok" && !test.data.last_error ? "working" : test.data.last_error}`}
      </p>
      {test.isError ? <Notice>{messageOf(test.error)}</Notice> : account.last_error && <Notice tone={account.state === "ok" ? "warn" : "bad"}>{account.last_error}</Notice>}
      {failed !== null && <Notice>{messageOf(failed)}</Notice>}
      {account.state === "unconnected" && !account.last_error && (
        <Notice tone="warn">
          Nobody has agreed to it at {humanize(account.platform)} yet, so its queries pause.{" "}
          {mayChange ? "Connect it, signed in there as the account that it stands for." : "A superuser can connect it."}
        </Notice>
      )}
      <Budget budget={account.budget} />
      <Windows windows={account.windows} />
      {asking === "rotate" && <RotateAccountDialog account={account} onClose={() => setAsking(null)} />}
      {asking === "budget" && <BudgetDialog account={account} onClose={() => setAsking(null)} />}
      {asking === "remove" && <RemoveDialog account={account} onClose={() => setAsking(null)} />}
    </li>
  );
}

/** What was read in this month, of what may be. */
function Budget({ budget: { posts, posts_limit, usd, usd_limit } }: { budget: ReadBudget }) {
  const isSpent = (posts_limit !== null && posts >= posts_limit) || (usd !== null && usd_limit !== null && Number(usd) >= Number(usd_limit));
  return (
    <p className={isSpent ? "text-xs text-warn tabular-nums" : "text-xs text-muted tabular-nums"}>
      Read this month: {formatCount(posts)}
      {posts_limit !== null && ` of ${formatCount(posts_limit)}`} posts
      {usd !== null && `, ${formatUsd(usd)}`}
      {usd !== null && usd_limit !== null && ` of ${formatUsd(usd_limit)}`}
      {isSpent && ". The budget is spent: its queries go on next month, or when it is raised."}
    </p>
  );
}

function Windows({ windows }: { windows: Account["windows"] }) {
  if (windows.length === 0) return null;
  return (
    <ul aria-label="Requests left" className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs text-muted tabular-nums">
      {windows.map((window) => (
        <li key={window.endpoint} title={`Until ${formatDateTime(window.resets_at)}`}>
          {window.endpoint}: {formatCount(window.remaining)}
          {window.limit !== null && ` of ${formatCount(window.limit)}`} left
        </li>
      ))}
    </ul>
  );
}

function RemoveDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const remove = useRemoveAccount();
  return (
    <ConfirmDialog
      title={`Remove ${accountName(account)}?`}
      confirm="Remove account"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(account.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      Its credentials are forgotten, and runs no longer read {humanize(account.platform)} with it. What was collected stays.
    </ConfirmDialog>
  );
}
