import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog, startHere } from "@/components/ui/dialog";
import { TEXTAREA } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { SNIPPET_COUNT } from "./snippets";

const LONGEST = 2_000;

export function SnippetsDialog({ snippets, onKeep, onClose }: { snippets: string[]; onKeep: (snippets: string[]) => void; onClose: () => void }) {
  const [texts, setTexts] = useState(snippets.length < SNIPPET_COUNT ? [...snippets, ""] : snippets);
  const isFull = texts.length >= SNIPPET_COUNT;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onKeep(texts);
    onClose();
  };
  return (
    <Dialog title="Snippets" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-3 px-5 pt-1 pb-5">
        <p className="text-muted">Alt and its digit put a text in where you write. Kept in this browser, for you alone; an empty one goes.</p>
        {texts.map((text, index) => (
          <div key={index} className="flex items-start gap-2">
            <span aria-hidden="true" className="w-4 pt-2 text-xs font-medium text-muted tabular-nums">
              {index + 1}
            </span>
            <textarea
              aria-label={`Snippet ${index + 1}`}
              ref={index === snippets.length ? startHere : undefined}
              dir="auto"
              rows={2}
              maxLength={LONGEST}
              value={text}
              onChange={(event) => setTexts(texts.with(index, event.target.value))}
              className={cn(TEXTAREA, "field-sizing-content min-h-14 resize-y")}
            />
          </div>
        ))}
        <div className="flex justify-end gap-2">
          <Button look="ghost" icon="plus" disabled={isFull} onClick={() => setTexts([...texts, ""])} className="mr-auto">
            Another
          </Button>
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" type="submit">
            Keep
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
