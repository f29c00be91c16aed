import { useCallback, useState } from "react";
import { useWaitingLabels } from "@/api/next-label";
import { useMay, useProject } from "@/api/session";
import type { LabelTask } from "@/api/types";
import { KeyHelp } from "@/components/key-help";
import { AuthorFacts } from "@/components/lead/author-facts";
import { PostView } from "@/components/lead/post-view";
import { Button, IconButton } from "@/components/ui/button";
import type { IconName } from "@/components/ui/icon";
import { PageHeader } from "@/components/ui/page";
import { EmptyState, ErrorState, Loading, Skeleton } from "@/components/ui/states";
import { useToasts } from "@/components/ui/toast";
import { formatCount, humanize } from "@/lib/format";
import { useHotkeys } from "@/lib/hotkeys";
import { useTimeSpent } from "@/lib/use-time-spent";
import { useTitle } from "@/lib/use-title";
import { type Answer, useBlindLane } from "./use-blind-lane";

const KEYS: [string, string][] = [
  ["r", "Relevant"],
  ["m", "Maybe"],
  ["i", "Irrelevant"],
  ["s", "Skip: somebody else is asked"],
  ["u", "Undo your last answer"],
  ["?", "This help"],
];

const ANSWERS: { answer: Answer; label: string; icon: IconName; key: string }[] = [
  { answer: "relevant", label: "Relevant", icon: "check", key: "r" },
  { answer: "maybe", label: "Maybe", icon: "half", key: "m" },
  { answer: "irrelevant", label: "Irrelevant", icon: "cross", key: "i" },
  { answer: "skip", label: "Skip", icon: "chevronRight", key: "s" },
];

/** Posts are labelled here without anything that a model said of them: only so can models be compared by it. */
export function LabelPage() {
  useTitle("Blind review");
  const { slug, name } = useProject();
  const mayLabel = useMay("reviewer");
  const toasts = useToasts();
  const [helping, setHelping] = useState(false);
  const onProblem = useCallback((message: string) => toasts.show({ message, tone: "bad" }), [toasts]);
  const lane = useBlindLane(slug, { enabled: mayLabel, onProblem });
  const waiting = useWaitingLabels(slug, mayLabel).data?.waiting;
  const { task } = lane;
  const timeSpent = useTimeSpent(task?.id ?? null);

  const give = (answer: Answer) => {
    if (!task || lane.isUndoing) return;
    void lane.answer({ task, answer, seconds: timeSpent(task.id) });
    if (answer === "skip") toasts.show({ message: `Skipped: ${nameOf(task)}` });
    else toasts.show({ message: `${humanize(answer)}: ${nameOf(task)}`, action: { label: "Undo", key: "u", run: takeBack } });
  };
  const takeBack = () => {
    if (!mayLabel || lane.isUndoing) return;
    void lane.undo().then((back) => back && toasts.show({ message: `Taken back: ${nameOf(back)}` }));
  };

  useHotkeys({
    ...Object.fromEntries(ANSWERS.map(({ answer, key }) => [key, () => give(answer)])),
    u: takeBack,
    "?": () => setHelping(true),
  });

  return (
    <>
      <PageHeader title="Blind review" aside={<IconButton icon="keyboard" label="Keyboard shortcuts (?)" onClick={() => setHelping(true)} />}>
        {waiting !== undefined && waiting > 0 && <span className="text-muted tabular-nums">{formatCount(waiting)} waiting</span>}
      </PageHeader>
      <div className="flex min-h-0 grow flex-col">
        {!mayLabel ? (
          <EmptyState icon="lock" title="Not open to you" className="my-auto">
            Labelling posts takes the role of a reviewer. An operator can change yours.
          </EmptyState>
        ) : task ? (
          <Question key={task.id} task={task} product={name} />
        ) : lane.next.isError ? (
          <ErrorState error={lane.next.error} what="the next post" onRetry={() => void lane.next.refetch()} className="my-auto" />
        ) : lane.next.isPending || lane.isMoving ? (
          <QuestionSkeleton />
        ) : (
          <NothingLeft answered={lane.answered} onLook={() => void lane.next.refetch()} />
        )}
        {mayLabel && (
          <footer className="shrink-0 border-t border-line bg-surface px-4 md:px-5">
            <div role="group" aria-label="Answer" className="mx-auto flex min-h-13 max-w-3xl flex-wrap items-center gap-2 py-2">
              {ANSWERS.map(({ answer, label, icon, key }) => (
                <Button key={answer} icon={icon} keyHint={key} look={answer === "skip" ? "ghost" : "secondary"} disabled={!task} onClick={() => give(answer)}>
                  {label}
                </Button>
              ))}
              <Button look="ghost" icon="undo" keyHint="u" className="ml-auto" disabled={lane.isUndoing} onClick={takeBack}>
                Undo
              </Button>
            </div>
          </footer>
        )}
      </div>
      {helping && <KeyHelp keys={KEYS} onClose={() => setHelping(false)} />}
    </>
  );
}

function Question({ task, product }: { task: LabelTask; product: string }) {
  return (
    <section aria-label="Post to label" className="min-h-0 grow overflow-y-auto px-4 py-4 md:px-5">
      <div className="mx-auto flex max-w-3xl flex-col gap-4">
        <p className="text-soft">Does whoever wrote this look for what {product} offers?</p>
        <PostView post={task.post} author={task.author} />
        <AuthorFacts author={task.author} />
      </div>
    </section>
  );
}

function QuestionSkeleton() {
  return (
    <Loading what="the next post" className="min-h-0 grow px-4 py-4 md:px-5">
      <div className="mx-auto flex max-w-3xl flex-col gap-4">
        <Skeleton className="h-5 w-64 max-w-full" />
        <Skeleton className="h-44 w-full" />
        <Skeleton className="h-20 w-full" />
      </div>
    </Loading>
  );
}

function NothingLeft({ answered, onLook }: { answered: number; onLook: () => void }) {
  return (
    <EmptyState
      icon={answered > 0 ? "check" : "inbox"}
      title={answered > 0 ? "All done" : "Nothing waits for you"}
      className="my-auto"
      action={
        <Button icon="refresh" onClick={onLook}>
          Look again
        </Button>
      }
    >
      {answered > 0 ? "Every post that was drawn for you has your answer." : "Runs draw a few posts at random, and those on which the models of an experiment disagree."}
    </EmptyState>
  );
}

function nameOf(task: LabelTask): string {
  return task.author?.name || task.author?.handle || "a post";
}
