import { useState } from "react";
import { Link } from "react-router";
import { useEnrolLead } from "@/api/enrol-lead";
import { usePlans } from "@/api/list-plans";
import { messageOf } from "@/api/problem";
import { useMay } from "@/api/session";
import { useStopSequence } from "@/api/stop-sequence";
import type { LeadDetail, Plan, PlanName, Sequence, SequenceStep } from "@/api/types";
import { Button } from "@/components/ui/button";
import { SectionTitle } from "@/components/ui/page";
import { ErrorState, Loading, Notice, Skeleton } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatDateTime, plural } from "@/lib/format";

/** How a lead is and was followed up. Each step is drafted when its day comes, and waits in the queue for a person. */
export function FollowUps({ lead }: { lead: LeadDetail }) {
  const mayChange = useMay("reviewer");
  const underWay = lead.sequences.some((sequence) => sequence.ended_at === null);
  const mayStart = mayChange && !underWay && lead.post.availability !== "gone" && lead.drafts.some(isReply);
  if (lead.sequences.length === 0 && !mayStart) return null;
  return (
    <section aria-label="Follow-up">
      <SectionTitle>Follow-up</SectionTitle>
      <div className="flex flex-col gap-3">
        {lead.sequences.map((sequence) => (
          <SequenceView key={sequence.id} project={lead.project} sequence={sequence} mayStop={mayChange} />
        ))}
        {mayStart && <Start lead={lead.id} />}
      </div>
    </section>
  );
}

function isReply(draft: LeadDetail["drafts"][number]): boolean {
  return draft.touch === null && draft.status !== "rejected" && draft.status !== "superseded";
}

const PLAN_WORDS: Record<PlanName, string> = { gentle: "Gentle", direct: "Direct", full: "Full", dm_after_they_wrote: "Message after they wrote" };

const EXIT_WORDS: Record<Exclude<Sequence["exit"], "">, string> = {
  finished: "all steps have left",
  replied: "they answered",
  negative: "they reacted badly",
  suppressed: "they must not be contacted",
  rejected: "a draft was rejected",
  gone: "the post is gone",
  inactive: "the project is not active",
  not_written: "no usable draft could be written",
  stopped: "stopped",
};

function SequenceView({ project, sequence, mayStop }: { project: string; sequence: Sequence; mayStop: boolean }) {
  const stop = useStopSequence(project, sequence.lead);
  return (
    <div className="rounded-lg border border-line bg-surface px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-medium">{PLAN_WORDS[sequence.plan]}</span>
        <span className="min-w-0 text-xs text-muted">{stateOf(sequence)}</span>
        {mayStop && sequence.ended_at === null && (
          <Button size="sm" className="ml-auto" disabled={stop.isPending} onClick={() => stop.mutate(sequence.id)}>
            Stop
          </Button>
        )}
      </div>
      <ol className="mt-2 flex flex-col gap-1">
        {sequence.steps.map((step) => (
          <StepRow key={step.number} project={project} step={step} isOver={sequence.ended_at !== null} />
        ))}
      </ol>
      {stop.isError && <Notice>{messageOf(stop.error)}</Notice>}
    </div>
  );
}

function stateOf({ ended_at, ended_by, exit, started_by }: Sequence): string {
  if (ended_at === null || exit === "") return started_by ? `under way, chosen by ${started_by}` : "under way";
  return `over: ${EXIT_WORDS[exit]}${ended_by ? ` by ${ended_by}` : ""}`;
}

function StepRow({ project, step, isOver }: { project: string; step: SequenceStep; isOver: boolean }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-2">
      <span>
        {step.number}. {step.kind === "dm" ? "Direct message" : "Follow-up"}
      </span>
      {step.status !== null ? (
        <>
          <Status value={step.status} plain />
          {step.sent_at && <TimeAgo value={step.sent_at} className="text-xs text-muted" />}
          {step.status !== "superseded" && (
            <Link to={`/p/${project}/queue?status=${step.status}&draft=${step.draft}`} className="ml-auto text-xs font-medium text-accent-text hover:underline">
              Open in queue
            </Link>
          )}
        </>
      ) : (
        <span className="text-xs text-muted">{isOver ? "not written" : dueWords(step)}</span>
      )}
      {step.error && step.status === null && <span className="w-full text-xs break-words text-bad">{step.error}</span>}
    </li>
  );
}

function dueWords({ due_at, kind, wait_days }: SequenceStep): string {
  if (due_at) return `due ${formatDateTime(due_at)}`;
  if (kind === "dm") return "once they have written";
  return `${plural(wait_days, "day")} after what is before it has left`;
}

function Start({ lead }: { lead: number }) {
  const [open, setOpen] = useState(false);
  if (open) return <Picker lead={lead} onClose={() => setOpen(false)} />;
  return (
    <Button size="sm" className="self-start" onClick={() => setOpen(true)}>
      Follow up…
    </Button>
  );
}

function Picker({ lead, onClose }: { lead: number; onClose: () => void }) {
  const plans = usePlans();
  const enrol = useEnrolLead(lead);
  if (plans.isPending) {
    return (
      <Loading what="the sequences">
        <Skeleton className="h-24" />
      </Loading>
    );
  }
  if (plans.isError) return <ErrorState error={plans.error} what="the sequences" onRetry={() => void plans.refetch()} />;
  return (
    <div role="group" aria-label="How to follow up" className="flex flex-col gap-2">
      {plans.data.map((plan) => (
        <Choice key={plan.name} plan={plan} disabled={enrol.isPending} onChoose={() => enrol.mutate(plan.name, { onSuccess: onClose })} />
      ))}
      {enrol.isError && <Notice>{messageOf(enrol.error)}</Notice>}
      <Button look="ghost" size="sm" className="self-start" onClick={onClose}>
        Cancel
      </Button>
    </div>
  );
}

function Choice({ plan, disabled, onChoose }: { plan: Plan; disabled: boolean; onChoose: () => void }) {
  return (
    <button
      type="button"
      disabled={disabled}
      onClick={onChoose}
      className="rounded-md border border-control-line bg-surface px-3 py-2 text-left transition-colors hover:bg-hover disabled:opacity-60"
    >
      <span className="block font-medium">{plan.title}</span>
      <span className="block text-xs text-muted">{plan.description}</span>
    </button>
  );
}
