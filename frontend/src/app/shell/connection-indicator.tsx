import { useConnectionStatus } from "@/api/live";
import { cn } from "@/lib/cn";

const WORDS = {
  connecting: "Connecting…",
  connected: "Live",
  reconnecting: "Reconnecting…",
  closed: "Not connected",
} as const;

/** A full dot is live; an open ring is not (yet). */
export function ConnectionIndicator({ compact = false }: { compact?: boolean }) {
  const status = useConnectionStatus();
  const live = status === "connected";
  return (
    <span role="status" title={WORDS[status]} className={cn("flex h-8 items-center gap-2.5 text-xs text-muted", compact ? "w-8 justify-center" : "px-2.5")}>
      <span aria-hidden="true" className={cn("size-2 rounded-full border-[1.5px]", live ? "border-good bg-good" : "breathe border-warn")} />
      <span className={compact ? "sr-only" : undefined}>{WORDS[status]}</span>
    </span>
  );
}
