/** Which rows are selected, to be decided on together. Pure. */

/** As many as the server takes at once. */
export const MOST_PICKED = 200;

export interface Picks {
  ids: ReadonlySet<number>;
  /** Where a range begins: what was selected last. */
  anchor: number | null;
}

export const NO_PICKS: Picks = { ids: new Set(), anchor: null };

export function togglePick({ ids }: Picks, id: number): Picks {
  const after = new Set(ids);
  if (!after.delete(id)) after.add(id);
  return { ids: capped(after), anchor: id };
}

/** All from the last selected one to this one, as the list shows them; without one, this one alone. */
export function pickRange(picks: Picks, order: readonly number[], id: number): Picks {
  const [from, to] = [order.indexOf(picks.anchor ?? id), order.indexOf(id)];
  if (from === -1 || to === -1) return togglePick(picks, id);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: capped(new Set([...picks.ids, ...(from <= to ? range : range.reverse())])), anchor: id };
}

function capped(ids: Set<number>): ReadonlySet<number> {
  return ids.size <= MOST_PICKED ? ids : new Set([...ids].slice(0, MOST_PICKED));
}
