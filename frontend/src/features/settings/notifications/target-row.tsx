import { messageOf } from "@/api/problem";
import { useTestNotification } from "@/api/test-notification";
import type { NotificationTarget } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/states";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatCount, humanize } from "@/lib/format";

/** One target, with a test whose outcome stands under it. */
export function TargetRow({ project, target }: { project: string; target: NotificationTarget }) {
  const test = useTestNotification(project);
  const name = humanize(target.name);
  const failed = test.data && test.data.status !== "sent" ? test.data.error : "";
  return (
    <li className="flex flex-col gap-2 border-b border-line px-4 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 grow basis-56">
          <p className="font-medium">{name}</p>
          <p className="mt-0.5 text-xs text-muted">{target.configured ? <Counts target={target} /> : "Not named in project.yaml"}</p>
        </div>
        {target.configured && (
          <Button size="sm" disabled={test.isPending} aria-label={`Send a test to ${name}`} onClick={() => test.mutate(target.name)}>
            {test.isPending ? "Sending…" : "Send a test"}
          </Button>
        )}
      </div>
      <p role="status" className="text-xs text-good empty:hidden">
        {test.data?.status === "sent" && `${name} took the test message.`}
      </p>
      {test.isError ? <Notice>{messageOf(test.error)}</Notice> : failed ? <Notice>{failed}</Notice> : target.problem && <Notice tone="warn">{target.problem}</Notice>}
    </li>
  );
}

function Counts({ target: { waiting, failed, last_sent_at } }: { target: NotificationTarget }) {
  return (
    <>
      {waiting > 0 && `${formatCount(waiting)} waiting · `}
      {failed > 0 && `${formatCount(failed)} failed · `}
      last sent <TimeAgo value={last_sent_at} />
    </>
  );
}
