import { type KeyboardEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { defaultKeys, keyOf, refusalOf } from "@/lib/key-map";
import { QUEUE_ACTIONS, type QueueAction, useQueueKeys } from "./queue-keys";

const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock", "AltGraph"]);

/** Choose an action, press its new key. A key that another action has is refused. */
export function KeyEditor({ onBack, onClose }: { onBack: () => void; onClose: () => void }) {
  const [keys, change] = useQueueKeys();
  const [listening, setListening] = useState<QueueAction | null>(null);
  const [refusal, setRefusal] = useState<string>();

  const onKeyDown = (event: KeyboardEvent, name: QueueAction) => {
    if (listening !== name || MODIFIERS.has(event.key) || event.key === "Tab" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") {
      setListening(null);
      return;
    }
    const key = keyOf(event);
    const refused = refusalOf(QUEUE_ACTIONS, keys, name, key);
    setRefusal(refused);
    if (refused) return;
    change({ ...keys, [name]: key });
    setListening(null);
  };

  return (
    <Dialog title="Change keys" onClose={onClose}>
      <div className="px-5 pt-1 pb-5">
        <p className="text-muted">Choose a key, then press the one you want. Kept in this browser, for you alone.</p>
        <div aria-live="polite" className="mt-3 min-h-9">
          {refusal && <Notice>{refusal}</Notice>}
        </div>
        <ul aria-label="Keys" className="mt-1 divide-y divide-line">
          {QUEUE_ACTIONS.map(({ name, meaning }) => (
            <li key={name} className="flex items-center justify-between gap-4 py-1">
              <span id={`meaning-${name}`}>{meaning}</span>
              <button
                type="button"
                id={`key-${name}`}
                aria-labelledby={`meaning-${name} key-${name}`}
                onClick={() => {
                  setListening(name);
                  setRefusal(undefined);
                }}
                onBlur={() => setListening((at) => (at === name ? null : at))}
                onKeyDown={(event) => onKeyDown(event, name)}
                className={cn(
                  "h-7 min-w-9 shrink-0 rounded-md border px-2 text-xs font-medium",
                  listening === name ? "border-accent bg-accent-soft text-accent-text" : "border-line-strong bg-canvas hover:bg-hover",
                )}
              >
                {listening === name ? "Press a key…" : keys[name]}
              </button>
            </li>
          ))}
        </ul>
        <div className="mt-4 flex justify-between gap-2">
          <Button
            look="ghost"
            icon="undo"
            onClick={() => {
              change(defaultKeys(QUEUE_ACTIONS));
              setRefusal(undefined);
            }}
          >
            As they were
          </Button>
          <Button onClick={onBack}>Back</Button>
        </div>
      </div>
    </Dialog>
  );
}
