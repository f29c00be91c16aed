import { type FormEvent, useState } from "react";
import { usePauses } from "@/api/list-pauses";
import { usePauseSending, useResumeSending } from "@/api/pause-sending";
import { messageOf } from "@/api/problem";
import { useMe } from "@/api/session";
import { holdingPauses, pauseSentence } from "@/components/lead/pause-sentence";
import { Button } from "@/components/ui/button";
import { Dialog, startHere } from "@/components/ui/dialog";
import { Field, INPUT, Select } from "@/components/ui/field";
import { ErrorState, Loading, Notice, Skeleton } from "@/components/ui/states";
import { useToasts } from "@/components/ui/toast";
import { plural } from "@/lib/format";
import { useNow } from "@/lib/use-now";

const HOURS = [1, 4, 24, 72];
const LONGEST = 300;
const ALL = null;

/** The kill switch: of this project, and of all for those who may. */
export function PauseDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const { is_superuser } = useMe();
  const pauses = usePauses(project);
  const now = useNow("halfMinute");
  const holding = holdingPauses(pauses.data ?? [], now);
  const open = [project, ...(is_superuser ? [ALL] : [])].filter((whose) => !holding.some((pause) => pause.project === whose));
  return (
    <Dialog title={holding.length > 0 ? "Sending is paused" : "Pause sending"} onClose={onClose}>
      <div className="flex flex-col gap-5 px-5 pt-1 pb-5">
        {pauses.isPending ? (
          <Loading what="the pauses">
            <Skeleton className="h-24 w-full rounded-lg" />
          </Loading>
        ) : pauses.isError && !pauses.data ? (
          <ErrorState error={pauses.error} what="the pauses" onRetry={() => void pauses.refetch()} className="py-6" />
        ) : (
          <>
            {[project, ALL]
              .filter((whose) => holding.some((pause) => pause.project === whose))
              .map((whose) => (
                <Resume key={whose ?? "all"} project={project} whose={whose} sentences={holding.filter((pause) => pause.project === whose).map(pauseSentence)} mayResume={whose !== ALL || is_superuser} onClose={onClose} />
              ))}
            {open.length > 0 && <PauseForm project={project} scopes={open} onClose={onClose} />}
          </>
        )}
      </div>
    </Dialog>
  );
}

interface ResumeProps {
  project: string;
  whose: string | null;
  sentences: string[];
  mayResume: boolean;
  onClose: () => void;
}

function Resume({ project, whose, sentences, mayResume, onClose }: ResumeProps) {
  const resume = useResumeSending(project);
  const toasts = useToasts();
  const onSuccess = () => {
    toasts.show({ message: whose === ALL ? "All projects may send again." : "Sending goes on." });
    onClose();
  };
  return (
    <section aria-label={whose === ALL ? "Pause of all projects" : "Pause of this project"} className="flex flex-col gap-3">
      {sentences.map((sentence, index) => (
        <p key={index} className="break-words">
          {sentence}
        </p>
      ))}
      {resume.isError && <Notice>{messageOf(resume.error)}</Notice>}
      {mayResume ? (
        <Button look="primary" icon="runs" disabled={resume.isPending} onClick={() => resume.mutate(whose, { onSuccess })} className="self-end">
          {resume.isPending ? "One moment…" : whose === ALL ? "Resume all projects" : "Resume this project"}
        </Button>
      ) : (
        <p className="text-muted">Only a superuser resumes all projects.</p>
      )}
    </section>
  );
}

function PauseForm({ project, scopes, onClose }: { project: string; scopes: (string | null)[]; onClose: () => void }) {
  const pause = usePauseSending(project);
  const toasts = useToasts();
  const [all, setAll] = useState(!scopes.includes(project));
  const [why, setWhy] = useState("");
  const [hours, setHours] = useState("");
  const [time, setTime] = useState("");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const until = hours === "time" ? new Date(time) : hours ? new Date(Date.now() + Number(hours) * 3_600_000) : null;
    pause.mutate(
      { project: all ? ALL : project, why: why.trim(), until: until?.toISOString() ?? null },
      {
        onSuccess: () => {
          toasts.show({ message: all ? "No project sends anything now." : "Nothing is sent now." });
          onClose();
        },
      },
    );
  };

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p className="text-muted">Nothing more leaves from this moment on. What a platform was told a moment before is under way.</p>
      {scopes.length > 1 && (
        <Field label="What is paused">
          {(attributes) => (
            <Select {...attributes} value={all ? "all" : "one"} onChange={(event) => setAll(event.target.value === "all")}>
              <option value="one">This project</option>
              <option value="all">All projects</option>
            </Select>
          )}
        </Field>
      )}
      <Field label="Reason" hint="All members see it.">
        {(attributes) => <input {...attributes} ref={startHere} maxLength={LONGEST} autoComplete="off" value={why} onChange={(event) => setWhy(event.target.value)} className={INPUT} />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="For how long">
          {(attributes) => (
            <Select {...attributes} value={hours} onChange={(event) => setHours(event.target.value)}>
              <option value="">Until somebody resumes</option>
              {HOURS.map((each) => (
                <option key={each} value={each}>
                  {plural(each, "hour")}
                </option>
              ))}
              <option value="time">Until a time</option>
            </Select>
          )}
        </Field>
        {hours === "time" && (
          <Field label="Until">
            {(attributes) => <input {...attributes} type="datetime-local" required value={time} onChange={(event) => setTime(event.target.value)} className={INPUT} />}
          </Field>
        )}
      </div>
      {pause.isError && <Notice>{messageOf(pause.error)}</Notice>}
      <div className="flex justify-end gap-2">
        <Button look="ghost" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" look="danger" icon="pause" disabled={pause.isPending}>
          {pause.isPending ? "One moment…" : all ? "Pause all projects" : "Pause this project"}
        </Button>
      </div>
    </form>
  );
}
