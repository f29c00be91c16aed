/** Keyset pages: `next` is an address with an opaque cursor. */

interface Linked {
  next?: string | null;
}

export const FIRST_PAGE = "";

export function nextCursor(page: Linked): string | undefined {
  if (!page.next) return undefined;
  return new URL(page.next, "http://page").searchParams.get("cursor") ?? undefined;
}

export function cursorParam(cursor: string): string | undefined {
  return cursor === FIRST_PAGE ? undefined : cursor;
}
