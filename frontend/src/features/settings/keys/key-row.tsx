import { type ReactNode, useState } from "react";
import { useRevokeKey } from "@/api/revoke-key";
import { useMe } from "@/api/session";
import type { ApiKey } from "@/api/types";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { cn } from "@/lib/cn";
import { formatDate, formatDateTime } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import { labelOf, powersOf } from "../roles";
import { stateOf } from "./key-state";

export const KEY_ROW =
  "grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 md:grid-cols-[minmax(0,1fr)_5rem_minmax(0,9rem)_6.5rem_4.5rem_5rem]";

export function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const isMine = useMe().username === apiKey.owner;
  const state = stateOf(apiKey, useNow("halfMinute"));
  const [asking, setAsking] = useState(false);
  return (
    <li className="border-b border-line last:border-b-0">
      <div className={cn(KEY_ROW, "min-h-14 py-2.5", state !== "active" && "text-muted")}>
        <div className="min-w-0">
          <p className="line-clamp-2 font-medium break-words">{apiKey.name}</p>
          <p className="truncate text-xs text-muted">
            <code className="font-mono">{apiKey.prefix}…</code>
            {!isMine && ` · ${apiKey.owner}’s`}
          </p>
        </div>
        <div className="justify-self-end md:order-last">
          {state === "active" ? (
            <Button look="danger" size="sm" aria-label={`Revoke ${apiKey.name}`} onClick={() => setAsking(true)}>
              Revoke
            </Button>
          ) : (
            <span title={state === "revoked" ? formatDateTime(apiKey.revoked_at) : undefined}>
              <Status value={state} />
            </span>
          )}
        </div>
        <dl className="contents max-md:col-span-2 max-md:flex max-md:flex-wrap max-md:gap-x-4 max-md:gap-y-0.5 max-md:text-xs">
          <Fact label="Role">
            <span title={powersOf(apiKey.role)}>{labelOf(apiKey.role)}</span>
          </Fact>
          <Fact label="Reaches">{apiKey.all_projects ? `All of ${isMine ? "your" : "their"} projects` : apiKey.projects.join(", ") || "Nothing any more"}</Fact>
          <Fact label="Expires">
            {apiKey.expires_at ? (
              <time dateTime={apiKey.expires_at} title={formatDateTime(apiKey.expires_at)}>
                {formatDate(apiKey.expires_at)}
              </time>
            ) : (
              "Never"
            )}
          </Fact>
          <Fact label="Last used">{apiKey.last_used_at ? <TimeAgo value={apiKey.last_used_at} /> : "Never"}</Fact>
        </dl>
      </div>
      {asking && <RevokeDialog apiKey={apiKey} onClose={() => setAsking(false)} />}
    </li>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0 tabular-nums max-md:flex max-md:gap-1">
      <dt className="text-muted md:sr-only">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const revoke = useRevokeKey();
  return (
    <ConfirmDialog
      title={`Revoke ${apiKey.name}?`}
      confirm="Revoke key"
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate(apiKey.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      Programs that use <code className="font-mono text-xs">{apiKey.prefix}…</code> are refused from now on. This cannot be taken back; the key stays in the list.
    </ConfirmDialog>
  );
}
