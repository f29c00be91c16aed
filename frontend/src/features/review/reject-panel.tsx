import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Button, Key } from "@/components/ui/button";
import { TEXTAREA } from "@/components/ui/field";
import { useHotkeys } from "@/lib/hotkeys";
import { cn } from "@/lib/cn";
import { REASONS } from "./reasons";
import { SAVE_KEYS } from "@/lib/save-keys";

/** A digit or a click rejects at once. Who wants to say what would have been better writes that first. */
export function RejectPanel({ onReject, onLeave }: { onReject: (reason: string, betterText: string) => void; onLeave: () => void }) {
  const [better, setBetter] = useState("");
  const panel = useRef<HTMLElement>(null);

  useEffect(() => {
    panel.current?.focus({ preventScroll: true });
    panel.current?.scrollIntoView?.({ block: "nearest" });
  }, []);

  const reject = (code: string) => onReject(code, better.trim());
  useHotkeys(Object.fromEntries(REASONS.map(({ key, code }) => [key, () => reject(code)])));

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
      <div className="mt-3 grid grid-cols-[repeat(auto-fit,minmax(min(9.75rem,100%),1fr))] gap-2">
        {REASONS.map(({ key, code, label }) => (
          <button
            key={code}
            type="button"
            onClick={() => reject(code)}
            className="flex h-9 items-center justify-between rounded-md border border-line-strong bg-surface px-3 text-left transition-colors hover:border-control-line hover:bg-hover"
          >
            <span className="truncate">{label}</span>
            <Key>{key}</Key>
          </button>
        ))}
      </div>
      <label className="mt-4 block">
        <span className="mb-1 block text-xs font-medium text-soft">A better reply (optional; write it before you choose)</span>
        <textarea value={better} onChange={(event) => setBetter(event.target.value)} dir="auto" rows={3} maxLength={10_000} className={cn(TEXTAREA, "field-sizing-content min-h-20 resize-y text-base")} />
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
