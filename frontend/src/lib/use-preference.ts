import { useCallback, useSyncExternalStore } from "react";
import { readPreference, writePreference } from "./storage";

const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener); // another tab of the same person
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

export function setPreference(name: string, value: string | null): void {
  writePreference(name, value);
  for (const listener of listeners) listener();
}

/** A preference that everything on screen follows. */
export function usePreference(name: string): [value: string | null, set: (value: string | null) => void] {
  const value = useSyncExternalStore(listen, () => readPreference(name));
  const set = useCallback((to: string | null) => setPreference(name, to), [name]);
  return [value, set];
}
