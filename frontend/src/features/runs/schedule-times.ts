import type { Schedule } from "@/api/types";
import { plural } from "@/lib/format";

/** Periods that people choose, in minutes. */
export const PERIODS = [15, 30, 60, 180, 360, 720, 1440, 10_080] as const;
export const MOST_MINUTES = 10_080;

const UNITS: [minutes: number, name: string][] = [
  [10_080, "week"],
  [1440, "day"],
  [60, "hour"],
];

/** 60 -> Every hour; 90 -> Every 90 minutes */
export function describePeriod(minutes: number): string {
  const unit = UNITS.find(([size]) => minutes % size === 0);
  const count = unit ? minutes / unit[0] : minutes;
  const name = unit ? unit[1] : "minute";
  return count === 1 ? `Every ${name}` : `Every ${plural(count, name)}`;
}

export function describeTimes({ every_minutes, cron }: Pick<Schedule, "every_minutes" | "cron">): string {
  return every_minutes === null ? `Cron ${cron} (UTC)` : describePeriod(every_minutes);
}
