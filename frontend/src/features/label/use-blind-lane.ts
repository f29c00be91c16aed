import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { answerLabel } from "@/api/answer-label";
import { labelAheadQuery, nextLabelQuery, waitingLabelsQuery } from "@/api/next-label";
import { messageOf, statusOf } from "@/api/problem";
import { skipLabel } from "@/api/skip-label";
import type { Label, LabelTask } from "@/api/types";
import { undoLabel } from "@/api/undo-label";

/** What is said of a post: a label, or nothing, so that others are asked. */
export type Answer = Label | "skip";

interface Given {
  task: LabelTask;
  answer: Answer;
  seconds: number;
}

/** The last answer that is on its way. */
class Outbox {
  private last: Promise<unknown> = Promise.resolve();
  readonly arrived = () => this.last;
  add(sending: Promise<unknown>): void {
    this.last = Promise.all([this.last, sending]);
  }
}

/** One post after the other: the next is fetched while the present one is read, and answers are sent behind it. */
export function useBlindLane(project: string, { enabled, onProblem }: { enabled: boolean; onProblem: (message: string) => void }) {
  const queries = useQueryClient();
  const [answered, setAnswered] = useState(0);
  const [outbox] = useState(() => new Outbox());
  const next = useQuery({ ...nextLabelQuery(project), enabled });
  const task = next.data?.task ?? null;
  useQuery({ ...labelAheadQuery(project, task?.id ?? 0, outbox.arrived), enabled: enabled && task !== null });
  const sending = useMutation({
    mutationFn: ({ task: { id }, answer, seconds }: Given) => (answer === "skip" ? skipLabel(id) : answerLabel(id, answer, seconds)),
  });
  const undoing = useMutation({ mutationFn: undoLabel });
  const { mutateAsync: sendAnswer } = sending;
  const { mutateAsync: sendUndo, isPending: isUndoing } = undoing;
  const [moving, setMoving] = useState(false);

  const setWaiting = useCallback(
    (waiting: number) => queries.setQueryData(waitingLabelsQuery(project).queryKey, { waiting }),
    [queries, project],
  );

  /** What could not be sent comes back; what somebody else has by now does not. */
  const send = useCallback(
    async (given: Given) => {
      try {
        setWaiting((await sendAnswer(given)).waiting);
      } catch (error) {
        onProblem(messageOf(error));
        const isLost = [404, 409].includes(statusOf(error));
        if (given.answer !== "skip") setAnswered((count) => count - 1);
        if (!isLost) queries.setQueryData(nextLabelQuery(project).queryKey, (shown) => shown && { ...shown, task: given.task });
      }
    },
    [queries, project, sendAnswer, setWaiting, onProblem],
  );

  const answer = useCallback(
    async (given: Given) => {
      if (given.answer !== "skip") setAnswered((count) => count + 1);
      const ahead = labelAheadQuery(project, given.task.id, outbox.arrived);
      const known = queries.getQueryData(ahead.queryKey);
      outbox.add(send(given));
      if (known) {
        queries.setQueryData(nextLabelQuery(project).queryKey, known);
        return;
      }
      setMoving(true);
      try {
        queries.setQueryData(nextLabelQuery(project).queryKey, await queries.fetchQuery(ahead));
      } catch {
        await outbox.arrived();
        await queries.resetQueries({ queryKey: nextLabelQuery(project).queryKey });
      } finally {
        setMoving(false);
      }
    },
    [queries, project, send, outbox],
  );

  /** The post that an answer was taken back from; null when there was none. */
  const undo = useCallback(async (): Promise<LabelTask | null> => {
    await outbox.arrived();
    try {
      const back = await sendUndo(project);
      if (back.task) queries.removeQueries({ queryKey: labelAheadQuery(project, back.task.id, outbox.arrived).queryKey });
      queries.setQueryData(nextLabelQuery(project).queryKey, back);
      setWaiting(back.waiting);
      setAnswered((count) => Math.max(0, count - 1));
      return back.task;
    } catch (error) {
      onProblem(messageOf(error));
      return null;
    }
  }, [queries, project, sendUndo, setWaiting, onProblem, outbox]);

  return { next, task: moving ? null : task, isMoving: moving, answered, answer, undo, isUndoing };
}
