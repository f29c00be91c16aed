import { useMemo } from "react";
import { useRunEvents } from "@/api/list-run-events";
import { useLiveEvents } from "@/api/live";
import type { LiveEvent } from "@/api/types";

/** A run's events: those told before this page was open, and those that the socket brings. */
export function useEventsOfRun(id: number | null) {
  const told = useRunEvents(id);
  const live = useLiveEvents();
  const events = useMemo(() => {
    const bySeq = new Map<number, LiveEvent>();
    for (const event of told.data?.events ?? []) bySeq.set(event.seq, event);
    for (const event of live) if (event.run === id && id !== null) bySeq.set(event.seq, event);
    return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  }, [told.data, live, id]);
  return { ...told, events };
}
