import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { queueItemQuery } from "@/api/get-queue-item";
import { queueKey, type QueueView } from "@/api/list-queue";
import { useLiveListener } from "@/api/live";
import type { Hold, LiveEvent } from "@/api/types";
import { changeRow, patchRow } from "./queue-cache";

const PAUSE = 800;

interface LiveQueue {
  project: string;
  view: QueueView;
  selected: number | null;
  /** What was decided here: the socket's echo of it is no news. */
  hidden: ReadonlyMap<number, unknown>;
  /** Drafts on which something unsaved is typed: they stay in the list to be read again. */
  typed: ReadonlyMap<number, unknown>;
}

/** Keeps the list true while others decide and runs draft, without taking the open draft away from its reader. */
export function useLiveQueue({ project, view, selected, hidden, typed }: LiveQueue): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const readAgainSoon = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void queries.invalidateQueries({ queryKey: [...queueKey(project), view] }), PAUSE);
  };

  const onDecidedElsewhere = (id: number) => {
    if (id !== selected && !typed.has(id)) {
      changeRow(queries, project, "pending", id, undefined);
      return;
    }
    void queries.fetchQuery({ ...queueItemQuery(id), staleTime: 0 }).then(
      (fresh) => changeRow(queries, project, view, id, fresh),
      () => undefined,
    );
  };

  useLiveListener((event) => {
    if (event.type === "run_finished" || drafts(event)) readAgainSoon();
    if (event.type !== "queue_update" || event.detail.draft === undefined) return;
    const id = Number(event.detail.draft);
    const hold = holdIn(event);
    if (hold !== undefined) {
      patchRow(queries, project, view, id, (row) => ({ ...row, hold }));
      return;
    }
    if (hidden.has(id) && view === "pending") return;
    if (event.detail.status !== "pending" || event.detail.snoozed_until) onDecidedElsewhere(id);
    if (view !== "pending" || event.detail.status === "pending") readAgainSoon();
  });
}

/** Who took a draft (null: it was let go); undefined: the event is about something else. */
function holdIn({ detail, at }: LiveEvent): Hold | null | undefined {
  if (!("hold" in detail)) return undefined;
  const hold = detail.hold as Omit<Hold, "since"> | null;
  return hold && { since: at, ...hold };
}

function drafts(event: LiveEvent): boolean {
  return event.type === "pipeline_progress" && event.stage === "draft";
}
