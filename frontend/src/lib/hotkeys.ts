import { useEffect, useRef, useSyncExternalStore } from "react";
import { readPreference, writePreference } from "./storage";

/** Single-key shortcuts. A letter never fires while somebody types, with a modifier, or behind a dialog. */

export type Hotkeys = Record<string, (event: KeyboardEvent) => void>;

const REPEATABLE = new Set(["j", "k", "ArrowDown", "ArrowUp"]);

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("[contenteditable=''],[contenteditable='true']")) return true;
  return target.matches("input, textarea, select");
}

function isBehindDialog(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof Element && target.closest("[role='menu'], [role='listbox']") !== null;
}

export function shouldIgnore(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return true;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (event.repeat && !REPEATABLE.has(event.key)) return true;
  return isTyping(event.target) || isBehindDialog(event.target);
}

export function useHotkeys(keys: Hotkeys, options: { enabled?: boolean } = {}): void {
  const wanted = useHotkeysWanted();
  const enabled = wanted && (options.enabled ?? true);
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const act = latest.current[event.key] ?? latest.current[event.key.toLowerCase()];
      if (!act || shouldIgnore(event)) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [enabled]);
}

/** People who speak to their computer need a way to turn single keys off (WCAG 2.1.4). */
const listeners = new Set<() => void>();

export function setHotkeysWanted(wanted: boolean): void {
  writePreference("hotkeys", wanted ? null : "off");
  for (const listener of listeners) listener();
}

export function useHotkeysWanted(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => readPreference("hotkeys") !== "off",
  );
}
