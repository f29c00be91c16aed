import { useEffect, useRef } from "react";
import { setPreference, usePreference } from "./use-preference";

/** Single-key shortcuts. A letter never fires while somebody types, with a modifier, or behind a dialog. */

export type Hotkeys = Record<string, (event: KeyboardEvent) => void>;

/** What may be held down, where a page does not say it. */
const REPEATABLE: readonly string[] = ["j", "k", "ArrowDown", "ArrowUp"];

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("[contenteditable=''],[contenteditable='true']")) return true;
  return target.matches("input:not([type='checkbox']), textarea, select");
}

function isBehindDialog(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof Element && target.closest("[role='menu'], [role='listbox']") !== null;
}

function shouldIgnore(event: KeyboardEvent, repeatable: readonly string[]): boolean {
  if (event.defaultPrevented || event.isComposing) return true;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (event.repeat && !repeatable.includes(event.key)) return true;
  return isTyping(event.target) || isBehindDialog(event.target);
}

export function useHotkeys(keys: Hotkeys, options: { enabled?: boolean; repeatable?: readonly string[] } = {}): void {
  const wanted = useHotkeysWanted();
  const enabled = wanted && (options.enabled ?? true);
  const repeatable = options.repeatable ?? REPEATABLE;
  const latest = useRef({ keys, repeatable });
  useEffect(() => {
    latest.current = { keys, repeatable };
  });
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const { keys, repeatable } = latest.current;
      const act = keys[event.key] ?? keys[event.key.toLowerCase()];
      if (!act || shouldIgnore(event, repeatable)) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [enabled]);
}

/** People who speak to their computer need a way to turn single keys off (WCAG 2.1.4). */
export function setHotkeysWanted(wanted: boolean): void {
  setPreference("hotkeys", wanted ? null : "off");
}

export function useHotkeysWanted(): boolean {
  return usePreference("hotkeys")[0] !== "off";
}
