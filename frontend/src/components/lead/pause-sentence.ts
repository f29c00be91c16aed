import type { Pause } from "@/api/types";
import { formatDateTime } from "@/lib/format";

/** Who stopped what, until when, and why. Nobody is named when a command or the system itself did. */
export function pauseSentence({ project, by, until, why }: Pause): string {
  const what = project === null ? "Sending is paused for all projects" : "Sending is paused in this project";
  const who = by ? ` by ${by}` : "";
  const end = until ? `, until ${formatDateTime(until)}` : ", until somebody resumes it";
  return `${what}${who}${end}${why ? `: ${why}` : "."}`;
}

/** Those whose time is not over, by the reader's clock: nobody tells when one ends by itself. */
export function holdingPauses(pauses: readonly Pause[], now: number): Pause[] {
  return pauses.filter(({ until }) => until === null || new Date(until).getTime() > now);
}
