/** Where to sign in, and come back from. */
export function signInAddress(from: string): string {
  return from === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(from)}`;
}
