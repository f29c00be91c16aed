import type { KeyboardEvent } from "react";
import { isTyping } from "@/lib/hotkeys";
import { Key } from "./button";
import { startHere } from "./dialog";

export interface DigitChoice {
  id: string;
  label: string;
  /** Beside the label, quieter. */
  note?: string;
}

/** Choices, the first nine each on their digit. */
export function DigitChoices({ choices, onChoose, focusFirst = false }: { choices: readonly DigitChoice[]; onChoose: (id: string) => void; focusFirst?: boolean }) {
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(min(9.75rem,100%),1fr))] gap-2">
      {choices.map(({ id, label, note }, index) => (
        <button
          key={id}
          type="button"
          ref={focusFirst && index === 0 ? startHere : undefined}
          onClick={() => onChoose(id)}
          className="flex h-9 items-center justify-between gap-2 rounded-md border border-line-strong bg-surface px-3 text-left transition-colors hover:border-control-line hover:bg-hover"
        >
          <span className="truncate">
            {label}
            {note && <span className="ml-1.5 text-xs text-muted">{note}</span>}
          </span>
          {index < 9 && <Key>{String(index + 1)}</Key>}
        </button>
      ))}
    </div>
  );
}

/** For a dialog, in which the page's keys are silent: the choice that a digit means. */
export function choiceOf(event: KeyboardEvent, choices: readonly DigitChoice[]): DigitChoice | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return undefined;
  return /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
}
