import { useMemo } from "react";
import { useMe, useProject } from "@/api/session";
import { usePreference } from "@/lib/use-preference";

/** A person's own texts for one project, each on its digit, in this browser. */
export const SNIPPET_COUNT = 9;

/** What was kept, as JSON; anything else is no snippet. */
export function readSnippets(kept: string | null): string[] {
  try {
    const value: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string").slice(0, SNIPPET_COUNT) : [];
  } catch {
    return [];
  }
}

export function useSnippets(): [snippets: string[], keep: (snippets: string[]) => void] {
  const [kept, keep] = usePreference(`snippets.${useMe().id}.${useProject().slug}`);
  const snippets = useMemo(() => readSnippets(kept), [kept]);
  return [
    snippets,
    (to) => {
      const written = to.map((text) => text.trim()).filter(Boolean);
      keep(written.length === 0 ? null : JSON.stringify(written));
    },
  ];
}

/** Which snippet Alt and a digit ask for. By the key's place: with Alt, many keyboards type another sign. */
export function snippetOf(event: { altKey: boolean; ctrlKey: boolean; metaKey: boolean; code: string }): number | undefined {
  if (!event.altKey || event.ctrlKey || event.metaKey) return undefined;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  return digit === undefined ? undefined : Number(digit) - 1;
}
