import { useCallback, useEffect, useRef } from "react";

interface Watch {
  id: number | null;
  since: number | null;
  spent: Map<number, number>;
}

/** Seconds that each draft or post has been before the reader's eyes: a hidden window does not count. */
export function useTimeSpent(id: number | null): (id: number) => number {
  const watch = useRef<Watch>({ id: null, since: null, spent: new Map() });

  const settle = useCallback(() => {
    const now = performance.now();
    const { id: watched, since, spent } = watch.current;
    if (watched !== null && since !== null) spent.set(watched, (spent.get(watched) ?? 0) + now - since);
    watch.current.since = document.visibilityState === "hidden" ? null : now;
  }, []);

  useEffect(() => {
    const watched = watch.current;
    settle();
    watched.id = id;
    document.addEventListener("visibilitychange", settle);
    return () => {
      document.removeEventListener("visibilitychange", settle);
      settle();
      watched.id = null;
    };
  }, [id, settle]);

  return useCallback(
    (asked: number) => {
      settle();
      return Math.round((watch.current.spent.get(asked) ?? 0) / 1000);
    },
    [settle],
  );
}
