import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { setHotkeysWanted, useHotkeysWanted } from "@/lib/hotkeys";

interface KeyHelpProps {
  keys: [key: string, meaning: string][];
  onClose: () => void;
  /** Where the page's keys can be changed. */
  onChange?: () => void;
}

/** What each key of a page does, and the switch that turns single keys off. */
export function KeyHelp({ keys, onClose, onChange }: KeyHelpProps) {
  const wanted = useHotkeysWanted();
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div className="px-5 pt-1 pb-5">
        <dl className="divide-y divide-line">
          {keys.map(([key, meaning]) => (
            <div key={meaning} className="flex items-center justify-between gap-4 py-1.5">
              <dd>{meaning}</dd>
              <dt className="order-last">
                <kbd className="inline-block min-w-6 rounded-sm border border-line-strong bg-canvas px-1.5 text-center font-sans text-xs leading-5 font-medium">{key}</kbd>
              </dt>
            </div>
          ))}
        </dl>
        {onChange && (
          <Button icon="keyboard" onClick={onChange} className="mt-3">
            Change keys
          </Button>
        )}
        <label className="mt-4 flex cursor-pointer items-start gap-2.5 rounded-md bg-sunken px-3 py-2.5">
          <input type="checkbox" checked={wanted} onChange={(event) => setHotkeysWanted(event.target.checked)} className="mt-0.5 size-4 accent-accent" />
          <span>
            <span className="block font-medium">Single-key shortcuts</span>
            <span className="text-xs text-muted">Turn them off if you dictate, or press keys by accident.</span>
          </span>
        </label>
      </div>
    </Dialog>
  );
}
