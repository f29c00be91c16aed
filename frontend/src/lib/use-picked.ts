import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { NO_PICKS, pickRange, togglePick } from "./picked";

/** What is selected of the rows that are listed: one that leaves the list is selected no longer. */
export function usePicked<Row extends { id: number }>(items: readonly Row[]) {
  const [picks, setPicks] = useState(NO_PICKS);
  const picked = useMemo(() => (picks.ids.size === 0 ? [] : items.filter(({ id }) => picks.ids.has(id))), [items, picks]);
  // Rows are given `pick`: it stays the same while the list changes, so that they are not painted anew.
  const listed = useRef(items);
  useEffect(() => {
    listed.current = items;
  });
  const pick = useCallback((id: number, { range }: { range: boolean }) => {
    const order = listed.current.map((row) => row.id);
    setPicks((before) => (range ? pickRange(before, order, id) : togglePick(before, id)));
  }, []);
  const clear = useCallback(() => setPicks(NO_PICKS), []);
  return { ids: picks.ids, picked, pick, clear };
}
