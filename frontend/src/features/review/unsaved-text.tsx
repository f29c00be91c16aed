import { useState } from "react";
import type { QueueItem } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/states";
import { copyText } from "./copy-text";

interface KeptTextProps {
  item: QueueItem;
  me: string;
  text: string;
  onDiscard: () => void;
}

/** What somebody was typing when the draft was decided: it can still be copied. */
export function KeptText({ item, me, text, onDiscard }: KeptTextProps) {
  const [copied, setCopied] = useState<boolean>();
  return (
    <section aria-label="What you typed" className="flex flex-col gap-3">
      <Notice tone="warn">
        {whatHappened(item, me)} while you were typing. Your text is kept: copy it.
        {copied === false && " The text could not be copied: select it below."}
      </Notice>
      <p dir="auto" className="rounded-md bg-sunken px-3 py-2 break-words whitespace-pre-wrap">
        {text}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button icon="copy" onClick={() => void copyText(text).then(setCopied)}>
          {copied ? "Copied" : "Copy"}
        </Button>
        <DiscardButton onDiscard={onDiscard} />
      </div>
    </section>
  );
}

export function DiscardButton({ onDiscard }: { onDiscard: () => void }) {
  return (
    <Button look="ghost" icon="cross" onClick={onDiscard}>
      Discard what I typed
    </Button>
  );
}

function whatHappened({ status, reviewer }: QueueItem, me: string): string {
  if (status === "superseded") return "A newer draft replaced it";
  const who = reviewer === me ? "You" : (reviewer ?? "Somebody");
  if (status === "approved" || status === "rejected") return `${who} ${status} it`;
  return status === "edited" ? `${who} edited and approved it` : `${who} decided on it`;
}
