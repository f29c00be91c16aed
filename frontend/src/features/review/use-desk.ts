import { queryOptions, skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { type BulkVerdict, bulkDrafts } from "@/api/bulk-drafts";
import { decideDraft, type Verdict } from "@/api/decide-draft";
import { queueItemQuery } from "@/api/get-queue-item";
import { ALL_VIEWS, isWaiting, queueKey } from "@/api/list-queue";
import { messageOf, statusOf } from "@/api/problem";
import { DESK_KEY } from "@/api/desk-key";
import type { QueueItem, Undone } from "@/api/types";
import { latestUndoable, undoDecision, undoKnownDecision } from "@/api/undo-decision";
import { type DeskState, EMPTY_DESK, type PastDecision, type Typed, withDecisions, withReturn, withTyped, withUndo } from "./desk-state";
import { changeRow, insertRow } from "./queue-cache";

/** The desk lives beside the queries, so that it outlasts a change of page and ends with the session. */
const deskQuery = (project: string) =>
  queryOptions<DeskState>({
    queryKey: [...DESK_KEY, project],
    queryFn: skipToken,
    staleTime: Infinity,
    gcTime: Infinity,
    structuralSharing: false,
  });

export interface DeskCallbacks {
  /** Drafts came back, with the reason in words. */
  onReturn: (items: QueueItem[], message: string) => void;
  onUndoFailed: (message: string) => void;
}

/** Of several decided together, some were refused. */
export type OnSomeRefused = (done: QueueItem[], refused: number, message: string) => void;

export function useDesk(project: string, { onReturn, onUndoFailed }: DeskCallbacks) {
  const queries = useQueryClient();
  const { data: state = EMPTY_DESK } = useQuery(deskQuery(project));
  const deciding = useMutation({
    mutationKey: ["decide", project],
    mutationFn: ({ id, verdict, seconds }: { id: number; verdict: Verdict; seconds: number }) => decideDraft(id, verdict, seconds),
  });
  const bulk = useMutation({ mutationFn: ({ ids, verdict }: { ids: number[]; verdict: BulkVerdict }) => bulkDrafts(project, ids, verdict) });
  const undoing = useMutation({ mutationKey: ["undo", project], mutationFn: undoDecision });
  const { mutateAsync: sendDecision } = deciding;
  const { mutateAsync: sendBulk } = bulk;
  const { mutateAsync: sendUndo } = undoing;
  const { mutateAsync: sendUndoKnown } = useMutation({ mutationFn: (decision: number) => undoKnownDecision(project, decision) });

  const update = useCallback(
    (change: (state: DeskState) => DeskState) => {
      queries.setQueryData(deskQuery(project).queryKey, (before) => change(before ?? EMPTY_DESK));
    },
    [queries, project],
  );

  // Closing the window asks first while something typed is not at the server.
  useEffect(() => {
    const guard = (event: BeforeUnloadEvent) => {
      const typed = queries.getQueryData(deskQuery(project).queryKey)?.typed.size ?? 0;
      if (typed > 0 || queries.isMutating({ mutationKey: ["decide", project] }) > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", guard);
    return () => window.removeEventListener("beforeunload", guard);
  }, [queries, project]);

  const undone = useCallback((id: number) => queries.getQueryData(deskQuery(project).queryKey)?.undoing.get(id), [queries, project]);

  /** What was decided stands in other lists by now. */
  const markOtherListsStale = useCallback(() => {
    for (const view of ALL_VIEWS) {
      if (view !== "pending") void queries.invalidateQueries({ queryKey: [...queueKey(project), view], refetchType: "none" });
    }
    void queries.invalidateQueries({ queryKey: ["stats", project] });
  }, [queries, project]);

  const put = useCallback(
    (item: QueueItem) => {
      for (const view of ALL_VIEWS) if (isWaiting(view)) changeRow(queries, project, view, item.id, item);
    },
    [queries, project],
  );

  /** A refusal brings the draft back as it stands by now, and says who decided what. */
  const bringBack = useCallback(
    async (item: QueueItem, error: unknown) => {
      const fresh = statusOf(error) === 409 ? await queries.fetchQuery({ ...queueItemQuery(item.id), staleTime: 0 }).catch(() => undefined) : undefined;
      put(fresh ?? item);
      update((before) => withReturn(before, item.id, messageOf(error)));
    },
    [queries, update, put],
  );

  const decideOne = useCallback(
    async (item: QueueItem, verdict: Verdict, seconds: number): Promise<boolean> => {
      try {
        await undone(item.id);
        const decided = await sendDecision({ id: item.id, verdict, seconds });
        queries.setQueryData(queueItemQuery(item.id).queryKey, decided);
        if (verdict.kind === "assign") put(decided);
        markOtherListsStale();
        return true;
      } catch (error) {
        await bringBack(item, error);
        onReturn([item], messageOf(error));
        return false;
      }
    },
    [queries, undone, sendDecision, markOtherListsStale, put, bringBack, onReturn],
  );

  /** One request for all. Those that were refused come back; which were not is the answer. */
  const decideTogether = useCallback(
    async (items: QueueItem[], verdict: BulkVerdict, onSomeRefused: OnSomeRefused): Promise<ReadonlySet<number>> => {
      const ids = items.map(({ id }) => id);
      await Promise.all(ids.map(undone));
      const refusals = await sendBulk({ ids, verdict }).then(
        (results) => new Map(results.filter(({ done }) => !done).map(({ id, problem }) => [id, problem])),
        (error: unknown) => new Map(ids.map((id) => [id, messageOf(error)])),
      );
      const returned = items.filter(({ id }) => refusals.has(id));
      for (const item of returned) update((before) => withReturn(before, item.id, refusals.get(item.id)));
      if (returned[0]) {
        const message = refusals.get(returned[0].id) ?? "";
        const done = items.filter(({ id }) => !refusals.has(id));
        if (done.length > 0) onSomeRefused(done, returned.length, message);
        else onReturn(returned, message);
        void queries.invalidateQueries({ queryKey: queueKey(project) }); // as they stand by now
      }
      markOtherListsStale();
      return new Set(ids.filter((id) => !refusals.has(id)));
    },
    [queries, project, undone, sendBulk, update, markOtherListsStale, onReturn],
  );

  const decide = useCallback(
    (items: QueueItem[], verdict: Verdict, seconds: number, onSomeRefused: OnSomeRefused) => {
      const [only] = items;
      let settled: (id: number) => Promise<boolean>;
      if (items.length === 1 && only) {
        const one = decideOne(only, verdict, seconds);
        settled = () => one;
      } else if (verdict.kind !== "edit") {
        const all = decideTogether(items, verdict, onSomeRefused);
        settled = async (id) => (await all).has(id);
      } else {
        return;
      }
      if (verdict.kind === "assign") for (const item of items) put({ ...item, assignee: verdict.to });
      update((before) => withDecisions(before, items.map((item) => ({ item, verdict, settled: settled(item.id) }))));
    },
    [decideOne, decideTogether, put, update],
  );

  /** Take back the latest decision on a draft: it is on the list at once, the server hears of it when the decision has
   * reached it.
   */
  const sendBack = useCallback(
    async (item: QueueItem, past: PastDecision | undefined) => {
      update((before) => withReturn(before, item.id));
      put({ ...item, status: "pending" });
      insertRow(queries, project, "pending", { ...item, status: "pending" });
      if (past && !(await past.settled)) return;
      try {
        const back = await sendUndo(item.id);
        queries.setQueryData(queueItemQuery(item.id).queryKey, back);
        insertRow(queries, project, "pending", back);
        put(back);
        for (const view of ALL_VIEWS) if (!isWaiting(view)) changeRow(queries, project, view, item.id, undefined);
      } catch (error) {
        void queries.invalidateQueries({ queryKey: queueItemQuery(item.id).queryKey });
        changeRow(queries, project, "pending", item.id, undefined);
        onUndoFailed(messageOf(error));
      }
      markOtherListsStale();
    },
    [queries, project, sendUndo, update, put, markOtherListsStale, onUndoFailed],
  );

  const undo = useCallback(
    (item: QueueItem, past: PastDecision | undefined) => {
      const done = sendBack(item, past);
      update((before) => withUndo(before, item.id, done));
    },
    [sendBack, update],
  );

  /** Read where it is kept: several decisions may be taken back in one go. */
  const latest = useCallback(
    (id: number) => queries.getQueryData(deskQuery(project).queryKey)?.past.findLast((past) => past.item.id === id),
    [queries, project],
  );
  const isDecided = useCallback((id: number) => queries.getQueryData(deskQuery(project).queryKey)?.hidden.has(id) ?? false, [queries, project]);

  /** The latest decision that the server knows of: what was decided before this page was opened. Null: there is none. */
  const latestKnown = useCallback(async () => {
    try {
      return (await latestUndoable(project)) ?? null;
    } catch (error) {
      onUndoFailed(messageOf(error));
      return undefined;
    }
  }, [project, onUndoFailed]);

  const undoKnown = useCallback(async (decision: number): Promise<Undone | undefined> => {
    try {
      const undone = await sendUndoKnown(decision);
      const { item } = undone;
      if (item) {
        queries.setQueryData(queueItemQuery(item.id).queryKey, item);
        for (const view of ALL_VIEWS) if (view !== "pending") changeRow(queries, project, view, item.id, undefined);
        insertRow(queries, project, "pending", item);
        put(item);
      }
      markOtherListsStale();
      return undone;
    } catch (error) {
      onUndoFailed(messageOf(error));
      return undefined;
    }
  }, [queries, project, sendUndoKnown, put, markOtherListsStale, onUndoFailed]);

  const type = useCallback((id: number, change: Typed) => update((before) => withTyped(before, id, change)), [update]);

  return { state, latest, isDecided, decide, undo, latestKnown, undoKnown, type };
}
