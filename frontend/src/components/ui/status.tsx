import { cn } from "@/lib/cn";
import { humanize } from "@/lib/format";

type Tone = "good" | "warn" | "bad" | "accent" | "neutral";
type Mark = "full" | "half" | "ring" | "tick" | "cross" | "pencil" | "dots" | "slash" | "bang" | "live";

/** Every state has a word, and a mark of its own shape: colour only repeats what they say. */
const STATES: Record<string, { word: string; tone: Tone; mark: Mark }> = {
  relevant: { word: "Relevant", tone: "good", mark: "full" },
  maybe: { word: "Maybe", tone: "warn", mark: "half" },
  irrelevant: { word: "Irrelevant", tone: "neutral", mark: "slash" },
  "": { word: "Not judged", tone: "neutral", mark: "ring" },
  pending: { word: "Pending", tone: "accent", mark: "dots" },
  approved: { word: "Approved", tone: "good", mark: "tick" },
  edited: { word: "Edited", tone: "good", mark: "pencil" },
  rejected: { word: "Rejected", tone: "bad", mark: "cross" },
  superseded: { word: "Replaced", tone: "neutral", mark: "slash" },
  queued: { word: "Queued", tone: "neutral", mark: "dots" },
  running: { word: "Running", tone: "accent", mark: "live" },
  succeeded: { word: "Succeeded", tone: "good", mark: "tick" },
  partial: { word: "Partial", tone: "warn", mark: "half" },
  sent: { word: "Sent", tone: "good", mark: "tick" },
  claimed: { word: "Under way", tone: "accent", mark: "live" },
  unknown: { word: "Unknown", tone: "warn", mark: "bang" },
  ready: { word: "Leaves at once", tone: "good", mark: "tick" },
  waits: { word: "Waits", tone: "warn", mark: "dots" },
  by_hand: { word: "By hand", tone: "accent", mark: "pencil" },
  dropped: { word: "Dropped", tone: "neutral", mark: "slash" },
  failed: { word: "Failed", tone: "bad", mark: "bang" },
  reading: { word: "Reading", tone: "accent", mark: "live" },
  waiting: { word: "Waiting", tone: "warn", mark: "dots" },
  unfinished: { word: "Not finished", tone: "neutral", mark: "slash" },
  deferred: { word: "Left to the next run", tone: "warn", mark: "dots" },
  done: { word: "Done", tone: "good", mark: "tick" },
  ok: { word: "Working", tone: "good", mark: "tick" },
  refused: { word: "Refused", tone: "bad", mark: "cross" },
  expired: { word: "Expired", tone: "warn", mark: "bang" },
  unconnected: { word: "Not connected", tone: "warn", mark: "ring" },
  revoked: { word: "Revoked", tone: "neutral", mark: "slash" },
  active: { word: "Active", tone: "good", mark: "tick" },
  api: { word: "Reply by API", tone: "good", mark: "tick" },
  assisted: { word: "Reply in the platform’s own box", tone: "accent", mark: "pencil" },
  blocked: { word: "No reply", tone: "neutral", mark: "slash" },
  paused: { word: "Paused", tone: "neutral", mark: "ring" },
  passed_over: { word: "Passed over", tone: "warn", mark: "slash" },
  removed: { word: "Removed", tone: "neutral", mark: "slash" },
  cancelled: { word: "Cancelled", tone: "neutral", mark: "slash" },
};

const TEXT: Record<Tone, string> = {
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  accent: "text-accent-text",
  neutral: "text-muted",
};

const SOFT: Record<Tone, string> = {
  good: "bg-good-soft",
  warn: "bg-warn-soft",
  bad: "bg-bad-soft",
  accent: "bg-accent-soft",
  neutral: "bg-sunken",
};

export function Status({ value, plain = false, className }: { value: string; plain?: boolean; className?: string }) {
  const state = STATES[value] ?? { word: humanize(value), tone: "neutral" as const, mark: "ring" as const };
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.5 text-xs font-medium whitespace-nowrap",
        TEXT[state.tone],
        !plain && cn("rounded-full py-px pr-2 pl-1.5", SOFT[state.tone]),
        className,
      )}
    >
      <MarkShape mark={state.mark} />
      {state.word}
    </span>
  );
}

function MarkShape({ mark }: { mark: Mark }) {
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className="size-3 shrink-0" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
      {SHAPES[mark]}
    </svg>
  );
}

const SHAPES: Record<Mark, React.ReactNode> = {
  full: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  half: (
    <>
      <circle cx="6" cy="6" r="4" />
      <path d="M6 2a4 4 0 0 1 0 8z" fill="currentColor" stroke="none" />
    </>
  ),
  ring: <circle cx="6" cy="6" r="4" strokeDasharray="1.6 2.6" />,
  slash: (
    <>
      <circle cx="6" cy="6" r="4" />
      <path d="M3.4 8.6l5.2-5.2" />
    </>
  ),
  dots: <path d="M2.5 6h.01M6 6h.01M9.5 6h.01" strokeWidth="2" />,
  tick: <path d="M2.5 6.4l2.4 2.4 4.6-5" />,
  cross: <path d="M3 3l6 6M9 3L3 9" />,
  pencil: <path d="M2.5 9.5l.5-2L7.6 2.9a.9.9 0 0 1 1.3 0l.2.2a.9.9 0 0 1 0 1.3L4.5 9z" />,
  bang: (
    <>
      <path d="M6 1.8l4.6 8H1.4z" />
      <path d="M6 5v1.8" />
    </>
  ),
  live: (
    <>
      <circle cx="6" cy="6" r="2" fill="currentColor" stroke="none" />
      <circle cx="6" cy="6" r="4.5" className="breathe" strokeWidth="1" />
    </>
  ),
};
