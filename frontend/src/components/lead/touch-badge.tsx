import type { Touch } from "@/api/types";

/** Which step of a sequence a draft is; nothing for a first reply. */
export function TouchBadge({ touch }: { touch: Touch | null }) {
  if (touch === null) return null;
  const words = touch.kind === "dm" ? "Direct message" : "Follow-up";
  return (
    <span className="shrink-0 rounded-full border border-line-strong px-2 py-px text-xs whitespace-nowrap text-soft tabular-nums">
      {touch.of === 1 ? words : `${words} ${touch.number} of ${touch.of}`}
    </span>
  );
}
