import { useMemo } from "react";
import { useMe } from "@/api/session";
import { type KeyAction, type KeyMap, readKeys, writeKeys } from "@/lib/key-map";
import { SAVE_KEYS } from "@/lib/save-keys";
import { usePreference } from "@/lib/use-preference";

export type QueueAction = "approve" | "edit" | "reject" | "snooze" | "assign" | "undo" | "next" | "previous" | "select" | "byHand" | "open" | "help";

export const QUEUE_ACTIONS: readonly KeyAction<QueueAction>[] = [
  { name: "approve", key: "a", meaning: "Approve the draft as it is" },
  { name: "edit", key: "e", meaning: "Edit it, then approve" },
  { name: "reject", key: "r", meaning: "Reject it; then 1–6 for the reason" },
  { name: "snooze", key: "s", meaning: "Snooze its lead until another day" },
  { name: "assign", key: "g", meaning: "Give its lead to somebody" },
  { name: "undo", key: "u", meaning: "Undo your last decision (up to 20)" },
  { name: "next", key: "j", meaning: "Next draft", repeats: true },
  { name: "previous", key: "k", meaning: "Previous draft", repeats: true },
  { name: "select", key: "x", meaning: "Select the draft; with Shift, all from the last selected one to it" },
  { name: "byHand", key: "p", meaning: "Post an approved draft by hand" },
  { name: "open", key: "o", meaning: "Open the post in a new tab" },
  { name: "help", key: "?", meaning: "This help" },
];

/** What no one can map: they belong to what is open at the moment. */
export const FIXED_KEYS: readonly [key: string, meaning: string][] = [
  [SAVE_KEYS, "Save while you type"],
  ["Alt 1–9", "Put one of your snippets in while you type"],
  ["Esc", "Leave editing or rejecting; clear the selection"],
];

export function repeatingKeys(keys: KeyMap<QueueAction>): string[] {
  return QUEUE_ACTIONS.filter(({ repeats }) => repeats).map(({ name }) => keys[name]);
}

/** The keys as this person has them, in this browser. */
export function useQueueKeys(): [keys: KeyMap<QueueAction>, change: (keys: KeyMap<QueueAction>) => void] {
  const [kept, keep] = usePreference(`queue-keys.${useMe().id}`);
  const keys = useMemo(() => readKeys(QUEUE_ACTIONS, kept), [kept]);
  return [keys, (to) => keep(writeKeys(QUEUE_ACTIONS, to))];
}
