/** When a snoozed lead comes back: in the morning, by the reader's own clock. Pure. */

const MORNING = 9;

export function tomorrow(now: Date): Date {
  return morningOf(now, 1);
}

/** The Monday that comes; on a Monday, the one after. */
export function nextWeek(now: Date): Date {
  return morningOf(now, (8 - now.getDay()) % 7 || 7);
}

/** The morning of a day such as 2026-11-03; undefined for what is no day, or over. */
export function morningOn(day: string, now: Date): Date | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (year === undefined || !month || !date) return undefined;
  const morning = new Date(year, month - 1, date, MORNING);
  return morning > now ? morning : undefined;
}

/** A day as date fields write it, by the reader's own clock. */
export function dayOf(time: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

function morningOf(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING);
}
