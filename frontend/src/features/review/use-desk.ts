import { queryOptions, skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { decideDraft, type Verdict } from "@/api/decide-draft";
import { queueItemQuery } from "@/api/get-queue-item";
import { ALL_STATUSES, queueQuery } from "@/api/list-queue";
import { messageOf, statusOf } from "@/api/problem";
import type { QueueItem } from "@/api/types";
import { undoDecision } from "@/api/undo-decision";
import { type DeskState, EMPTY_DESK, withDecision, withReturn } from "./desk-state";
import { changeRow, insertRow } from "./queue-cache";

/** The desk lives beside the queries, so that it outlasts a change of page and ends with the session. */
const deskQuery = (project: string) =>
  queryOptions<DeskState>({
    queryKey: ["review-desk", project],
    queryFn: skipToken,
    staleTime: Infinity,
    gcTime: Infinity,
    structuralSharing: false,
  });

export interface DeskCallbacks {
  /** A draft came back, with the reason in words. */
  onReturn: (item: QueueItem, message: string) => void;
  onUndoFailed: (message: string) => void;
}

export function useDesk(project: string, { onReturn, onUndoFailed }: DeskCallbacks) {
  const queries = useQueryClient();
  const { data: state = EMPTY_DESK } = useQuery(deskQuery(project));
  const deciding = useMutation({
    mutationFn: ({ id, verdict, seconds }: { id: number; verdict: Verdict; seconds: number }) => decideDraft(id, verdict, seconds),
  });
  const undoing = useMutation({ mutationFn: undoDecision });
  const { mutateAsync: sendDecision } = deciding;
  const { mutateAsync: sendUndo } = undoing;

  const update = useCallback(
    (change: (state: DeskState) => DeskState) => {
      queries.setQueryData(deskQuery(project).queryKey, (before) => change(before ?? EMPTY_DESK));
    },
    [queries, project],
  );

  const markDecidedListsStale = useCallback(() => {
    for (const status of ALL_STATUSES) {
      if (status !== "pending") void queries.invalidateQueries({ queryKey: queueQuery(project, status).queryKey, refetchType: "none" });
    }
    void queries.invalidateQueries({ queryKey: ["stats", project] });
  }, [queries, project]);

  /** A refusal brings the draft back as it stands by now, and says who decided what. */
  const bringBack = useCallback(
    async (item: QueueItem, error: unknown) => {
      const message = messageOf(error);
      if (statusOf(error) === 409) {
        const fresh = await queries.fetchQuery({ ...queueItemQuery(item.id), staleTime: 0 }).catch(() => undefined);
        if (fresh) changeRow(queries, project, "pending", item.id, fresh);
      }
      update((before) => withReturn(before, item.id, message));
      onReturn(item, message);
    },
    [queries, project, update, onReturn],
  );

  const decide = useCallback(
    (item: QueueItem, verdict: Verdict, seconds: number) => {
      const settled = sendDecision({ id: item.id, verdict, seconds }).then(
        (decided) => {
          queries.setQueryData(queueItemQuery(item.id).queryKey, decided);
          markDecidedListsStale();
          return true;
        },
        async (error: unknown) => {
          await bringBack(item, error);
          return false;
        },
      );
      update((before) => withDecision(before, { item, verdict, settled }));
    },
    [queries, sendDecision, markDecidedListsStale, bringBack, update],
  );

  /** Take back a decision: the draft is on the list at once, the server hears of it when the decision has reached it. */
  const undo = useCallback(
    async (item: QueueItem, settled: Promise<boolean> = Promise.resolve(true)) => {
      update((before) => withReturn(before, item.id));
      insertRow(queries, project, "pending", { ...item, status: "pending" });
      if (!(await settled)) return;
      try {
        const pending = await sendUndo(item.id);
        queries.setQueryData(queueItemQuery(item.id).queryKey, pending);
        insertRow(queries, project, "pending", pending);
        changeRow(queries, project, "pending", item.id, pending);
        for (const status of ALL_STATUSES) if (status !== "pending") changeRow(queries, project, status, item.id, undefined);
      } catch (error) {
        void queries.invalidateQueries({ queryKey: queueItemQuery(item.id).queryKey });
        changeRow(queries, project, "pending", item.id, undefined);
        onUndoFailed(messageOf(error));
      }
      markDecidedListsStale();
    },
    [queries, project, sendUndo, update, markDecidedListsStale, onUndoFailed],
  );

  const last = state.past.at(-1);
  const undoLast = useCallback((): QueueItem | undefined => {
    if (last) void undo(last.item, last.settled);
    return last?.item;
  }, [last, undo]);

  return { state, decide, undo, undoLast };
}
