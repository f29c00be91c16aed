import { Link } from "react-router";
import type { LiveEvent } from "@/api/types";
import { platformName } from "@/components/lead/post-view";
import { Icon, type IconName } from "@/components/ui/icon";
import { formatClock, formatCount, formatDateTime, humanize } from "@/lib/format";

/** What happened, newest first. */
export function EventFeed({ project, events, limit = 60 }: { project: string; events: readonly LiveEvent[]; limit?: number }) {
  const shown = collapse(events).slice(-limit).reverse();
  return (
    <ol className="flex flex-col">
      {shown.map((event) => (
        <li key={event.seq} className="flex gap-2.5 py-1">
          <Icon name={iconOf(event)} size="sm" className="mt-0.5 text-muted" />
          <span className="min-w-0 grow break-words text-soft">
            <Sentence project={project} event={event} />
          </span>
          <time dateTime={event.at} title={formatDateTime(event.at)} className="text-xs leading-5 text-muted tabular-nums">
            {formatClock(event.at)}
          </time>
        </li>
      ))}
    </ol>
  );
}

/** Of a stage's progress told in a row, only the latest word. */
function collapse(events: readonly LiveEvent[]): LiveEvent[] {
  return events.filter((event, index) => {
    const next = events[index + 1];
    const isProgress = event.type === "pipeline_progress" && event.stage !== "";
    return !(isProgress && next?.type === event.type && next.stage === event.stage && next.run === event.run);
  });
}

function iconOf(event: LiveEvent): IconName {
  if (event.type === "new_lead") return "spark";
  if (event.type === "queue_update") return "queue";
  if (event.type === "account_update") return "alert";
  if (event.type === "run_finished") return "check";
  return event.stage ? "runs" : "clock";
}

function Sentence({ project, event }: { project: string; event: LiveEvent }) {
  const detail = event.detail;
  if (typeof detail.sentence === "string") return detail.sentence;
  switch (event.type) {
    case "new_lead":
      return (
        <>
          New lead{" "}
          <Link to={`/p/${project}/leads?lead=${Number(detail.lead)}`} className="font-medium text-accent-text hover:underline">
            #{Number(detail.lead)}
          </Link>{" "}
          with a score of {Number(detail.score).toFixed(1)}
        </>
      );
    case "queue_update":
      if (detail.sending) return `Sending was ${String(detail.sending)}`;
      if (detail.sequence) return <FollowUpSentence project={project} lead={Number(detail.lead)} isOver={detail.sequence === "ended"} />;
      return (
        <>
          Draft{" "}
          <Link to={`/p/${project}/queue?draft=${Number(detail.draft)}`} className="font-medium text-accent-text hover:underline">
            #{Number(detail.draft)}
          </Link>{" "}
          {detail.status === "pending" ? "waits for review" : `was ${String(detail.status)}`}
        </>
      );
    case "account_update":
      return `The account ${Number(detail.account)} at ${platformName(String(detail.platform))} is ${String(detail.state)}`;
    case "run_finished":
      return `Run ${event.run ?? ""} ${statusWord(detail.status)}`;
    case "pipeline_progress":
      return event.stage ? progressSentence(event) : `Run ${event.run ?? ""} ${statusWord(detail.status)}`;
  }
}

function FollowUpSentence({ project, lead, isOver }: { project: string; lead: number; isOver: boolean }) {
  return (
    <>
      Lead{" "}
      <Link to={`/p/${project}/leads?lead=${lead}`} className="font-medium text-accent-text hover:underline">
        #{lead}
      </Link>{" "}
      {isOver ? "is followed up no more" : "is followed up"}
    </>
  );
}

function progressSentence(event: LiveEvent): string {
  const counts = event.total ? `${formatCount(event.done)} of ${formatCount(event.total)}` : formatCount(event.done);
  const failed = Number(event.detail.failed ?? 0);
  return `${humanize(event.stage)}: ${counts}${failed ? `, ${formatCount(failed)} failed` : ""}`;
}

function statusWord(status: unknown): string {
  const words: Record<string, string> = {
    queued: "is queued",
    running: "is running",
    partial: "finished with some failures",
    cancelled: "was cancelled",
  };
  return words[String(status)] ?? String(status);
}
