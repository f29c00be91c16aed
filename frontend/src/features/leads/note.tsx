import { type KeyboardEvent, useId, useState } from "react";
import { messageOf } from "@/api/problem";
import { useMay } from "@/api/session";
import type { LeadDetail } from "@/api/types";
import { useWriteNote } from "@/api/write-note";
import { Button } from "@/components/ui/button";
import { CharacterCount, isTooLong } from "@/components/ui/character-count";
import { TEXTAREA } from "@/components/ui/field";
import { SectionTitle } from "@/components/ui/page";
import { Notice } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { SAVE_KEYS } from "@/lib/save-keys";

const LIMIT = 2_000;

/** What people want to remember of a lead. Reviewers write it, all members read it. */
export function Note({ lead }: { lead: Pick<LeadDetail, "id" | "note"> }) {
  const mayWrite = useMay("reviewer");
  if (!mayWrite && !lead.note) return null;
  return (
    <section aria-label="Note">
      <SectionTitle>Note</SectionTitle>
      {mayWrite ? (
        <NoteEditor id={lead.id} stored={lead.note} />
      ) : (
        <p dir="auto" className="break-words whitespace-pre-wrap text-soft">
          {lead.note}
        </p>
      )}
    </section>
  );
}

function NoteEditor({ id, stored }: { id: number; stored: string }) {
  const write = useWriteNote(id);
  const [typed, setTyped] = useState<string | null>(null);
  const countId = useId();
  const text = typed ?? stored;
  const changed = text.trim() !== stored.trim();
  const refused = isTooLong(text.trim(), LIMIT);

  const save = () => {
    const sent = text.trim();
    // What is typed while the note is on its way stays.
    write.mutate(sent, { onSuccess: () => setTyped((now) => (now?.trim() === sent ? null : now)) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (changed && !refused && !write.isPending) save();
  };

  return (
    <>
      <textarea
        aria-label="Note on this lead"
        aria-describedby={countId}
        aria-invalid={refused || undefined}
        dir="auto"
        rows={2}
        value={text}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
        placeholder="What to remember of this lead; search finds it"
        className={cn(TEXTAREA, "field-sizing-content max-h-80 min-h-15 resize-y")}
      />
      <div className="mt-1.5 flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1">
        <CharacterCount id={countId} text={text.trim()} limit={LIMIT} />
        <span role="status" className="text-xs text-muted">
          {write.isPending ? "Saving…" : changed ? "Not saved yet" : write.isSuccess ? (stored ? "Saved" : "Removed") : ""}
        </span>
        {changed && (
          <span className="ml-auto flex gap-2">
            <Button look="ghost" size="sm" onClick={() => setTyped(null)}>
              Discard
            </Button>
            <Button look="primary" size="sm" keyHint={SAVE_KEYS} disabled={refused || write.isPending} onClick={save}>
              Save note
            </Button>
          </span>
        )}
      </div>
      {write.isError && <Notice>{messageOf(write.error)}</Notice>}
    </>
  );
}
