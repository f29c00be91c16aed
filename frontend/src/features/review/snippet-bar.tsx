import { lazy, Suspense, useState } from "react";
import { Button, Key } from "@/components/ui/button";

const SnippetsDialog = lazy(async () => ({ default: (await import("./snippets-dialog")).SnippetsDialog }));

interface SnippetBarProps {
  snippets: string[];
  onKeep: (snippets: string[]) => void;
  onInsert: (snippet: string) => void;
}

/** Texts that somebody writes often, one press away. */
export function SnippetBar({ snippets, onKeep, onInsert }: SnippetBarProps) {
  const [changing, setChanging] = useState(false);
  return (
    <div role="group" aria-label="Snippets" className="mt-2 flex flex-wrap items-center gap-1.5">
      {snippets.map((snippet, index) => (
        <button
          key={index}
          type="button"
          title={snippet}
          onClick={() => onInsert(snippet)}
          className="flex h-7 max-w-48 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-2 text-xs text-soft hover:bg-hover"
        >
          <span className="truncate">{snippet}</span>
          <Key>{`Alt ${index + 1}`}</Key>
        </button>
      ))}
      <Button size="sm" look="ghost" icon={snippets.length === 0 ? "plus" : "pencil"} onClick={() => setChanging(true)}>
        {snippets.length === 0 ? "Snippets" : "Change snippets"}
      </Button>
      <Suspense>{changing && <SnippetsDialog snippets={snippets} onKeep={onKeep} onClose={() => setChanging(false)} />}</Suspense>
    </div>
  );
}
