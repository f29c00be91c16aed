import { type KeyboardEvent, useEffect, useRef } from "react";
import { Button } from "@/components/ui/button";
import { DigitChoices } from "@/components/ui/digit-choices";
import { TEXTAREA } from "@/components/ui/field";
import { useHotkeys } from "@/lib/hotkeys";
import { cn } from "@/lib/cn";
import { REASONS } from "./reasons";
import { SAVE_KEYS } from "@/lib/save-keys";

interface RejectPanelProps {
  better: string;
  onBetter: (better: string) => void;
  onReject: (reason: string, betterText: string) => void;
  onLeave: () => void;
}

/** A digit or a click rejects at once. Who wants to say what would have been better writes that first. */
export function RejectPanel({ better, onBetter, onReject, onLeave }: RejectPanelProps) {
  const panel = useRef<HTMLElement>(null);

  useEffect(() => {
    panel.current?.focus({ preventScroll: true });
    panel.current?.scrollIntoView?.({ block: "nearest" });
  }, []);

  const reject = (code: string) => onReject(code, better.trim());
  useHotkeys(Object.fromEntries(REASONS.map(({ id }, index) => [String(index + 1), () => reject(id)])));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      onLeave();
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      reject("other");
    }
  };

  return (
    <section ref={panel} tabIndex={-1} aria-label="Reject draft" onKeyDown={onKeyDown} className="rise rounded-lg border border-line-strong bg-surface p-4 shadow-1 outline-none">
      <h3 className="font-semibold">Why reject it?</h3>
      <div className="mt-3">
        <DigitChoices choices={REASONS} onChoose={reject} />
      </div>
      <label className="mt-4 block">
        <span className="mb-1 block text-xs font-medium text-soft">A better reply (optional; write it before you choose)</span>
        <textarea value={better} onChange={(event) => onBetter(event.target.value)} dir="auto" rows={3} maxLength={10_000} className={cn(TEXTAREA, "field-sizing-content min-h-20 resize-y text-base")} />
      </label>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Button look="ghost" keyHint="Esc" onClick={onLeave}>
          Back
        </Button>
        {better.trim() !== "" && <span className="text-xs text-muted max-sm:hidden">{SAVE_KEYS} rejects as “Other” with this text</span>}
      </div>
    </section>
  );
}
