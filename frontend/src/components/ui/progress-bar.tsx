import { cn } from "@/lib/cn";

/** `value` is 0-1; null: how much is not known. */
export function ProgressBar({ value, label, tone = "accent" }: { value: number | null; label: string; tone?: "accent" | "good" | "warn" | "bad" | "neutral" }) {
  const percent = value === null ? undefined : Math.round(value * 100);
  const fill = { accent: "bg-accent", good: "bg-good", warn: "bg-warn", bad: "bg-bad", neutral: "bg-line-strong" };
  return (
    <div role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} className="h-1.5 overflow-hidden rounded-full bg-line">
      {percent === undefined ? (
        <div className="sweep h-full" />
      ) : (
        <div className={cn("h-full origin-left rounded-full transition-[width] duration-300", fill[tone])} style={{ width: `${percent}%` }} />
      )}
    </div>
  );
}
