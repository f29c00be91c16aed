import { messageOf } from "@/api/problem";
import { useReplayNotification } from "@/api/replay-notifications";
import type { Notification } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { cn } from "@/lib/cn";
import { humanize, plural } from "@/lib/format";

export const NOTIFICATION_ROW =
  "grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 md:grid-cols-[6rem_6rem_minmax(0,1fr)_7rem_5rem]";

export function NotificationRow({ project, message }: { project: string; message: Notification }) {
  const replay = useReplayNotification(project);
  return (
    <li className="border-b border-line py-2.5 last:border-b-0">
      <div className={cn(NOTIFICATION_ROW, "min-h-8")}>
        <TimeAgo value={message.created_at} className="text-xs text-muted tabular-nums" />
        <span className="font-medium max-md:text-right">{humanize(message.target)}</span>
        <span className="min-w-0 break-words max-md:col-span-2">{whatOf(message)}</span>
        <span>
          <Status value={message.status} />
        </span>
        {message.status === "failed" && (
          <Button size="sm" disabled={replay.isPending} aria-label={`Replay message ${message.id}`} onClick={() => replay.mutate(message.id)}>
            Replay
          </Button>
        )}
      </div>
      {message.error && (
        <p className="px-4 pt-1 text-xs break-words text-muted">
          {message.error}
          {message.status === "waiting" && message.tries > 0 && ` Tried ${plural(message.tries, "time")}.`}
        </p>
      )}
      {replay.isError && (
        <div className="px-4 pt-2">
          <Notice>{messageOf(replay.error)}</Notice>
        </div>
      )}
    </li>
  );
}

function whatOf({ kind, leads, sentence }: Notification): string {
  if (kind === "alert") return sentence;
  if (kind === "test") return "A test";
  return kind === "digest" ? `Summary of ${plural(leads, "lead")}` : plural(leads, "new lead");
}
