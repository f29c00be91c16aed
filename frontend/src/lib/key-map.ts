/** Which key does what: the page's own choice, changed by its reader. Pure. */

export interface KeyAction<Name extends string> {
  name: Name;
  /** The key unless somebody wants another. */
  key: string;
  /** What it does, for the help sheet. */
  meaning: string;
  /** May be held down. */
  repeats?: boolean;
}

export type KeyMap<Name extends string> = Readonly<Record<Name, string>>;

export function defaultKeys<Name extends string>(actions: readonly KeyAction<Name>[]): KeyMap<Name> {
  return Object.fromEntries(actions.map(({ name, key }) => [name, key])) as Record<Name, string>;
}

/** What was kept, as JSON, on top of the defaults. What cannot be (by now) falls back to them as a whole. */
export function readKeys<Name extends string>(actions: readonly KeyAction<Name>[], kept: string | null): KeyMap<Name> {
  const keys: Record<string, string> = { ...defaultKeys(actions) };
  for (const [name, key] of Object.entries(parse(kept))) {
    if (name in keys && typeof key === "string" && isMappable(key)) keys[name] = key;
  }
  const isSound = new Set(Object.values(keys)).size === actions.length;
  return isSound ? (keys as Record<Name, string>) : defaultKeys(actions);
}

/** Only what differs from the defaults is kept; null: nothing does. */
export function writeKeys<Name extends string>(actions: readonly KeyAction<Name>[], keys: KeyMap<Name>): string | null {
  const changed = actions.filter(({ name, key }) => keys[name] !== key).map(({ name }) => [name, keys[name]]);
  return changed.length === 0 ? null : JSON.stringify(Object.fromEntries(changed));
}

/** One key pressed, as it is kept: letters without Shift, so that caps lock changes nothing. */
export function keyOf(event: { key: string }): string {
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/** Characters that are typed with one key; digits choose reasons and texts. */
export function isMappable(key: string): boolean {
  return Array.from(key).length === 1 && /[^\d\s]/u.test(key) && key === key.toLowerCase();
}

/** Why an action cannot have this key, in words; undefined when it can. */
export function refusalOf<Name extends string>(actions: readonly KeyAction<Name>[], keys: KeyMap<Name>, name: Name, key: string): string | undefined {
  if (!isMappable(key)) return `“${key}” cannot be used: take a letter or a sign. Digits choose reasons and texts.`;
  const other = actions.find((action) => action.name !== name && keys[action.name] === key);
  return other && `“${key}” is taken: ${other.meaning}.`;
}

function parse(kept: string | null): object {
  try {
    const value: unknown = JSON.parse(kept ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
