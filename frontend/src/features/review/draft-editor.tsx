import { type KeyboardEvent, useEffect, useId, useRef } from "react";
import type { QueueItem } from "@/api/types";
import { WordDiff } from "@/components/lead/word-diff";
import { Button } from "@/components/ui/button";
import { TEXTAREA } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { CharacterCount, isTooLong } from "@/components/ui/character-count";
import { SAVE_KEYS } from "@/lib/save-keys";
import { SnippetBar } from "./snippet-bar";
import { DiscardButton } from "./unsaved-text";
import { snippetOf, useSnippets } from "./snippets";

interface DraftEditorProps {
  item: QueueItem;
  text: string;
  onChange: (text: string) => void;
  onSave: (text: string) => void;
  onLeave: () => void;
  /** Undefined: nothing is typed. */
  onDiscard: (() => void) | undefined;
}

export function DraftEditor({ item, text, onChange, onSave, onLeave, onDiscard }: DraftEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const countId = useId();
  const changed = text.trim() !== item.text_generated.trim();
  const [snippets, keepSnippets] = useSnippets();
  const refused = text.trim() === "" || isTooLong(text, item.max_length, item.platform);

  useEffect(() => {
    const element = area.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
    element?.scrollIntoView?.({ block: "nearest" });
  }, []);

  const insert = (snippet: string) => {
    const element = area.current;
    if (!element) return;
    element.focus();
    element.setRangeText(snippet, element.selectionStart, element.selectionEnd, "end");
    onChange(element.value);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || isInDialog(event.target)) return;
    const snippet = snippets[snippetOf(event) ?? -1];
    if (snippet) {
      event.preventDefault();
      insert(snippet);
    }
    if (event.key === "Escape") {
      event.preventDefault();
      onLeave();
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!refused) onSave(text);
    }
  };

  return (
    <section aria-label="Edit draft" onKeyDown={onKeyDown} className="rounded-lg border border-accent-text bg-surface shadow-1">
      <header className="flex items-center gap-2 px-4 py-2">
        <h3 className="font-semibold">Edit draft</h3>
        <span className="ml-auto">
          <CharacterCount id={countId} text={text} limit={item.max_length} platform={item.platform} />
        </span>
      </header>
      <div className="px-4 pb-4">
        <textarea
          ref={area}
          aria-label="Reply"
          aria-describedby={countId}
          aria-invalid={refused || undefined}
          dir="auto"
          value={text}
          onChange={(event) => onChange(event.target.value)}
          rows={7}
          className={cn(TEXTAREA, "field-sizing-content min-h-36 resize-y text-base")}
        />
        <SnippetBar snippets={snippets} onKeep={keepSnippets} onInsert={insert} />
        {changed && text.trim() !== "" && (
          <div className="mt-3">
            <h4 className="mb-1 text-xs font-semibold text-muted">Your changes</h4>
            <WordDiff before={item.text_generated} after={text} />
          </div>
        )}
        <div className="mt-4 flex flex-wrap items-center gap-2">
          <Button look="primary" icon="check" keyHint={SAVE_KEYS} disabled={refused} onClick={() => onSave(text)}>
            {changed ? "Save and approve" : "Approve"}
          </Button>
          <Button look="ghost" keyHint="Esc" onClick={onLeave}>
            Back
          </Button>
          {onDiscard && (
            <span className="ml-auto">
              <DiscardButton onDiscard={onDiscard} />
            </span>
          )}
        </div>
      </div>
    </section>
  );
}

/** Its keys are its own. */
function isInDialog(target: EventTarget): boolean {
  return target instanceof Element && target.closest("dialog") !== null;
}
