import { useState } from "react";
import { useChangeMember } from "@/api/change-member";
import { messageOf } from "@/api/problem";
import { useRemoveMember } from "@/api/remove-member";
import { useMe } from "@/api/session";
import type { Member, Role } from "@/api/types";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Notice } from "@/components/ui/states";
import { TimeAgo } from "@/components/ui/time-ago";
import { cn } from "@/lib/cn";
import { labelOf, powersOf } from "../roles";
import { RoleSelect } from "../role-select";

export const MEMBER_ROW = "grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-2 px-4 md:grid-cols-[minmax(0,1fr)_9rem_4rem_5.5rem]";

/** One member: a role is changed where it stands, and a refusal is told under it. */
export function MemberRow({ project, member }: { project: string; member: Member }) {
  const isMe = useMe().username === member.username;
  const change = useChangeMember(project);
  const [asking, setAsking] = useState<{ role: Role } | "remove" | null>(null);

  const choose = (role: Role) => {
    if (isMe && member.role === "operator") setAsking({ role });
    else change.mutate({ id: member.id, role });
  };

  return (
    <li className="border-b border-line last:border-b-0">
      <div className={cn(MEMBER_ROW, "min-h-14 py-2.5")}>
        <div className="min-w-0">
          <p className="line-clamp-2 font-medium break-words">
            {member.name}
            {isMe && <span className="font-normal text-muted"> (you)</span>}
          </p>
          {(member.name !== member.username || !member.is_active) && (
            <p className="truncate text-xs text-muted">
              {member.username}
              {!member.is_active && " · account closed"}
            </p>
          )}
        </div>
        <RoleSelect
          aria-label={`Role of ${member.username}`}
          title={powersOf(member.role)}
          className="max-md:w-32"
          disabled={change.isPending}
          value={change.isPending ? change.variables.role : member.role}
          onChoose={choose}
        />
        <span className="text-xs text-muted tabular-nums">
          <span className="md:sr-only">Member since </span>
          <TimeAgo value={member.created_at} />
        </span>
        <Button look="danger" size="sm" className="justify-self-end" aria-label={`Remove ${member.username}`} onClick={() => setAsking("remove")}>
          Remove
        </Button>
      </div>
      {change.isError && asking === null && (
        <div className="px-4 pb-3">
          <Notice>{messageOf(change.error)}</Notice>
        </div>
      )}
      {asking === "remove" && <RemoveDialog project={project} member={member} isMe={isMe} onClose={() => setAsking(null)} />}
      {asking !== null && asking !== "remove" && (
        <ConfirmDialog
          title="Give up being an operator?"
          confirm={`Become ${labelOf(asking.role).toLowerCase()}`}
          pending={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate({ id: member.id, role: asking.role }, { onSuccess: () => setAsking(null) })}
          onClose={() => {
            change.reset();
            setAsking(null);
          }}
        >
          You leave the settings of this project at once, and only another operator can let you back in.
        </ConfirmDialog>
      )}
    </li>
  );
}

function RemoveDialog({ project, member, isMe, onClose }: { project: string; member: Member; isMe: boolean; onClose: () => void }) {
  const remove = useRemoveMember(project);
  return (
    <ConfirmDialog
      title={isMe ? "Leave this project?" : `Remove ${member.name}?`}
      confirm={isMe ? "Leave project" : "Remove member"}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(member.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      {isMe ? "You" : "They"} no longer see this project, and {isMe ? "your" : "their"} API keys no longer reach it. What {isMe ? "you" : "they"} decided stays.
    </ConfirmDialog>
  );
}
