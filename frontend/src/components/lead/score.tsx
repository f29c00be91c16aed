import { cn } from "@/lib/cn";
import { formatScore, UNKNOWN } from "@/lib/format";

/** A score with a small gauge under it; a dash until there is one. */
export function Score({ value, known = true, className }: { value: number; known?: boolean; className?: string }) {
  return (
    <span className={cn("inline-flex w-9 flex-col gap-0.5", className)}>
      <span className={cn("text-sm leading-4 font-semibold tabular-nums", !known && "text-muted")}>
        <span className="sr-only">Score </span>
        {known ? formatScore(value) : UNKNOWN}
      </span>
      <span aria-hidden="true" className="h-[3px] overflow-hidden rounded-full bg-line">
        {known && <span className="block h-full rounded-full bg-accent" style={{ width: `${value}%` }} />}
      </span>
    </span>
  );
}
