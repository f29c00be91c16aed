/** Where to go after sign-in: only to a page of our own, whatever the address says. */
export function safeNext(next: string | null): string {
  if (!next) return "/";
  try {
    const target = new URL(next, location.origin);
    const inside = target.origin === location.origin && next.startsWith("/") && target.pathname !== "/sign-in";
    return inside ? target.pathname + target.search : "/";
  } catch {
    return "/";
  }
}
