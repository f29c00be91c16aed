import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { queueItemQuery } from "@/api/get-queue-item";
import { type QueueStatus, queueQuery } from "@/api/list-queue";
import { useLiveListener } from "@/api/live";
import type { LiveEvent } from "@/api/types";
import { changeRow } from "./queue-cache";

const PAUSE = 800;

interface LiveQueue {
  project: string;
  status: QueueStatus;
  selected: number | null;
  /** What was decided here: the socket's echo of it is no news. */
  hidden: ReadonlySet<number>;
}

/** Keeps the list true while others decide and runs draft, without taking the open draft away from its reader. */
export function useLiveQueue({ project, status, selected, hidden }: LiveQueue): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const readAgainSoon = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void queries.invalidateQueries({ queryKey: queueQuery(project, status).queryKey }), PAUSE);
  };

  const onDecidedElsewhere = (id: number) => {
    if (id !== selected) {
      changeRow(queries, project, "pending", id, undefined);
      return;
    }
    void queries.fetchQuery({ ...queueItemQuery(id), staleTime: 0 }).then(
      (fresh) => changeRow(queries, project, status, id, fresh),
      () => undefined,
    );
  };

  useLiveListener((event) => {
    if (event.type === "run_finished" || drafts(event)) readAgainSoon();
    if (event.type !== "queue_update" || event.detail.draft === undefined) return;
    const id = Number(event.detail.draft);
    if (hidden.has(id) && status === "pending") return;
    if (event.detail.status !== "pending") onDecidedElsewhere(id);
    if (status !== "pending" || event.detail.status === "pending") readAgainSoon();
  });
}

function drafts(event: LiveEvent): boolean {
  return event.type === "pipeline_progress" && event.stage === "draft";
}
