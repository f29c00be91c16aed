import { useNotifications, useNotificationState } from "@/api/list-notifications";
import { messageOf } from "@/api/problem";
import { useReplayNotifications } from "@/api/replay-notifications";
import { useProject } from "@/api/session";
import type { NotificationState } from "@/api/types";
import { Button } from "@/components/ui/button";
import { EmptyState, ErrorState, Notice } from "@/components/ui/states";
import { useToasts } from "@/components/ui/toast";
import { formatDateTime, plural } from "@/lib/format";
import { ColumnHeads, Framed, ListSkeleton, SettingsSection, ShowMore } from "../section";
import { NOTIFICATION_ROW, NotificationRow } from "./notification-row";
import { TargetRow } from "./target-row";

/** How each target does, and what was sent; the configuration itself is project.yaml's. */
export function NotificationsTab() {
  const { slug } = useProject();
  const state = useNotificationState(slug);
  return (
    <SettingsSection
      title="Notifications"
      about="New leads and alerts go to Slack, Discord and webhooks of your own. Where to and from which score stands in project.yaml; addresses are shown nowhere."
    >
      {state.isPending ? (
        <ListSkeleton what="targets" rows={3} />
      ) : state.isError ? (
        <ErrorState error={state.error} what="the notifications" onRetry={() => void state.refetch()} />
      ) : (
        <Targets project={slug} state={state.data} />
      )}
      <Log project={slug} />
    </SettingsSection>
  );
}

function Targets({ project, state }: { project: string; state: NotificationState }) {
  return (
    <>
      <p className="text-soft">{summaryOf(state)}</p>
      <Framed>
        <ul aria-label="Targets">
          {state.targets.map((target) => (
            <TargetRow key={target.name} project={project} target={target} />
          ))}
        </ul>
      </Framed>
    </>
  );
}

function summaryOf({ enabled, min_score_to_notify, digest, next_digest_at }: NotificationState): string {
  if (!enabled) return "Notifications are off: only tests are sent. Set notifications.enabled in project.yaml.";
  const instant = `Leads from ${min_score_to_notify} points are told at once.`;
  if (!digest) return `${instant} There is no summary of the others.`;
  return `${instant} The others are summed up ${digest} (UTC)${next_digest_at ? `, next at ${formatDateTime(next_digest_at)}` : ""}.`;
}

function Log({ project }: { project: string }) {
  const log = useNotifications(project);
  const rows = log.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <section aria-label="What was sent" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 className="font-semibold">What was sent</h3>
        {rows.some(({ status }) => status === "failed") && <ReplayAll project={project} />}
      </div>
      {log.isPending ? (
        <ListSkeleton what="messages" />
      ) : log.isError && rows.length === 0 ? (
        <ErrorState error={log.error} what="the messages" onRetry={() => void log.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState icon="table" title="Nothing was sent yet">
          Each message is listed here for 30 days, with what came of it.
        </EmptyState>
      ) : (
        <Framed>
          <ColumnHeads className={NOTIFICATION_ROW} names={["When", "Target", "What", "State", ""]} />
          <ol aria-label="Messages">
            {rows.map((message) => (
              <NotificationRow key={message.id} project={project} message={message} />
            ))}
          </ol>
          <ShowMore list={log}>Show older messages</ShowMore>
        </Framed>
      )}
    </section>
  );
}

function ReplayAll({ project }: { project: string }) {
  const replay = useReplayNotifications(project);
  const toasts = useToasts();
  const run = () =>
    replay.mutate(undefined, {
      onSuccess: ({ replayed }) => toasts.show({ message: `${plural(replayed, "message")} will be tried anew.` }),
    });
  return (
    <div className="flex flex-col items-end gap-2">
      <Button size="sm" icon="refresh" disabled={replay.isPending} onClick={run}>
        Replay all that failed
      </Button>
      {replay.isError && <Notice>{messageOf(replay.error)}</Notice>}
    </div>
  );
}
