/** Small preferences that are nice to keep. Storage can be full or denied; then they last as long as the page. */

const memory = new Map<string, string>();

export function readPreference(name: string): string | null {
  try {
    return localStorage.getItem(`signalops.${name}`) ?? memory.get(name) ?? null;
  } catch {
    return memory.get(name) ?? null;
  }
}

export function writePreference(name: string, value: string | null): void {
  if (value === null) memory.delete(name);
  else memory.set(name, value);
  try {
    if (value === null) localStorage.removeItem(`signalops.${name}`);
    else localStorage.setItem(`signalops.${name}`, value);
  } catch {
    // Kept in memory above.
  }
}
