import { useState } from "react";
import { useOutcomes } from "@/api/list-outcomes";
import { messageOf } from "@/api/problem";
import { useRecordOutcome, useWithdrawOutcome } from "@/api/record-outcome";
import { useMay } from "@/api/session";
import type { LeadDetail, Outcome } from "@/api/types";
import { OUTCOME_WORDS } from "@/components/lead/outcome-words";
import { Button } from "@/components/ui/button";
import { Field, INPUT, Select } from "@/components/ui/field";
import { SectionTitle } from "@/components/ui/page";
import { SafeLink, webAddress } from "@/components/ui/safe-link";
import { ErrorState, Notice, Skeleton } from "@/components/ui/states";
import { TimeAgo } from "@/components/ui/time-ago";
import { cn } from "@/lib/cn";

const RULES: Record<NonNullable<Outcome["rule"]>, string> = {
  stop: "asks not to be written to; is on the do-not-contact list",
  hostile: "is hostile",
  not_interested: "is not interested",
};
const BY_HAND: Outcome["type"][] = ["reply_received", "profile_click", "link_click", "booking", "like_received", "follow_received", "negative"];
const NOTE_LIMIT = 500;

/** What came of what was sent to this lead's author, and what a person knows to have come of it. */
export function Outcomes({ lead }: { lead: Pick<LeadDetail, "id" | "project" | "drafts"> }) {
  const wasSent = lead.drafts.some((draft) => draft.delivery?.status === "sent");
  return wasSent ? <OutcomesSection project={lead.project} lead={lead.id} /> : null;
}

function OutcomesSection({ project, lead }: { project: string; lead: number }) {
  const outcomes = useOutcomes(lead);
  const mayRecord = useMay("reviewer");
  const [recording, setRecording] = useState(false);
  return (
    <section aria-label="Outcomes">
      <SectionTitle
        aside={
          mayRecord &&
          !recording && (
            <Button look="ghost" size="sm" onClick={() => setRecording(true)}>
              Record outcome
            </Button>
          )
        }
      >
        Outcomes
      </SectionTitle>
      {recording && <RecordForm project={project} lead={lead} onDone={() => setRecording(false)} />}
      {outcomes.isPending ? (
        <Skeleton className="h-8" />
      ) : outcomes.isError && !outcomes.data ? (
        <ErrorState error={outcomes.error} what="the outcomes" onRetry={() => void outcomes.refetch()} />
      ) : (
        <List project={project} lead={lead} outcomes={outcomes.data.results} mayRecord={mayRecord} />
      )}
    </section>
  );
}

function List({ project, lead, outcomes, mayRecord }: { project: string; lead: number; outcomes: Outcome[]; mayRecord: boolean }) {
  const withdraw = useWithdrawOutcome(project, lead);
  const record = useRecordOutcome(project, lead);
  if (outcomes.length === 0) return <p className="text-muted">Nothing yet. Sent replies are looked at by themselves.</p>;
  const error = withdraw.error ?? record.error;
  const pending = withdraw.isPending || record.isPending;
  const noes = new Set(outcomes.filter((each) => each.type === "negative" && each.withdrawn_at === null).map((each) => each.reference));
  return (
    <>
      <ul className="flex flex-col gap-2">
        {outcomes.map((outcome) => (
          <li key={outcome.id} className={cn("flex flex-wrap items-center gap-x-2 gap-y-1", outcome.withdrawn_at && "text-muted")}>
            <Words outcome={outcome} />
            <TimeAgo value={outcome.observed_at} className="ml-auto text-xs text-muted" />
            {mayRecord && outcome.type === "reply_received" && outcome.withdrawn_at === null && !noes.has(outcome.reference) && (
              <Button
                look="ghost"
                size="sm"
                disabled={pending}
                onClick={() => record.mutate({ type: "negative", draft: outcome.draft, reference: outcome.reference })}
              >
                Mark as negative
              </Button>
            )}
            {mayRecord && outcome.withdrawn_at === null && (
              <Button look="ghost" size="sm" disabled={pending} aria-label={`Take back: ${OUTCOME_WORDS[outcome.type].one}`} onClick={() => withdraw.mutate(outcome.id)}>
                Take back
              </Button>
            )}
          </li>
        ))}
      </ul>
      {error && <Notice>{messageOf(error)}</Notice>}
    </>
  );
}

function Words({ outcome }: { outcome: Outcome }) {
  const { type, count, url, note, rule, by_author, by, simulated, withdrawn_at, withdrawn_by } = outcome;
  const words = OUTCOME_WORDS[type];
  const facts = [
    by_author && type === "reply_received" && "from the author",
    rule && RULES[rule],
    by && `recorded by ${by}`,
    simulated && "simulated",
    withdrawn_at && `taken back${withdrawn_by ? ` by ${withdrawn_by}` : ""}`,
  ].filter(Boolean);
  return (
    <span className="min-w-0 break-words">
      <span className={cn("font-medium", withdrawn_at && "line-through", type === "negative" && !withdrawn_at && "text-bad")}>
        {count > 1 ? `${count} ${words.many.toLowerCase()}` : words.one}
      </span>
      {facts.length > 0 && <span className="text-xs text-muted"> {facts.join(" · ")}</span>}
      {webAddress(url) && (
        <>
          {" "}
          <SafeLink url={url} className="text-xs font-medium text-accent-text underline underline-offset-2">
            See it
          </SafeLink>
        </>
      )}
      {note && <span className="block text-soft">{note}</span>}
    </span>
  );
}

function RecordForm({ project, lead, onDone }: { project: string; lead: number; onDone: () => void }) {
  const record = useRecordOutcome(project, lead);
  const [type, setType] = useState<Outcome["type"]>("booking");
  const [note, setNote] = useState("");
  return (
    <form
      aria-label="Record an outcome"
      className="mb-3 flex flex-col gap-3 rounded-lg border border-line bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        record.mutate({ type, note: note.trim() }, { onSuccess: onDone });
      }}
    >
      <Field label="What came of it" hint={type === "negative" ? "Sending of the whole project pauses for a day." : undefined}>
        {(attributes) => (
          <Select {...attributes} value={type} onChange={(event) => setType(BY_HAND.find((each) => each === event.target.value) ?? "booking")}>
            {BY_HAND.map((each) => (
              <option key={each} value={each}>
                {OUTCOME_WORDS[each].one}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Note" hint="Optional; no names">
        {(attributes) => <input {...attributes} className={INPUT} value={note} maxLength={NOTE_LIMIT} onChange={(event) => setNote(event.target.value)} />}
      </Field>
      {record.isError && <Notice>{messageOf(record.error)}</Notice>}
      <div className="flex justify-end gap-2">
        <Button look="ghost" size="sm" onClick={onDone}>
          Cancel
        </Button>
        <Button look="primary" size="sm" type="submit" disabled={record.isPending}>
          {record.isPending ? "Recording…" : "Record"}
        </Button>
      </div>
    </form>
  );
}
