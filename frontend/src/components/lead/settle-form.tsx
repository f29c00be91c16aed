import { useState } from "react";
import { useSettleDelivery } from "@/api/post-by-hand";
import { messageOf } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { Field, INPUT } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";

interface SettleFormProps {
  project: string;
  draft: number;
  /** Whether a person has it in hand; else nobody knows what became of it. */
  byHand: boolean;
  onSettled?: (posted: boolean) => void;
}

/** Where a person says whether a reply is at the platform. */
export function SettleForm({ project, draft, byHand, onSettled }: SettleFormProps) {
  const settle = useSettleDelivery(project);
  const [url, setUrl] = useState("");
  const say = (posted: boolean) => settle.mutate({ draft, posted, url: posted ? url.trim() : "" }, { onSuccess: () => onSettled?.(posted) });
  return (
    <form
      aria-label={byHand ? "Posted?" : "Is it there?"}
      className="mt-3 flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        say(true);
      }}
    >
      <p className="font-semibold">{byHand ? "Posted?" : "Is it there?"}</p>
      <Field label="Address of our reply (optional)">
        {(attributes) => (
          <input {...attributes} inputMode="url" maxLength={1000} autoComplete="off" autoCapitalize="none" spellCheck={false} placeholder="https://" value={url} onChange={(event) => setUrl(event.target.value)} className={INPUT} />
        )}
      </Field>
      {settle.isError && <Notice>{messageOf(settle.error)}</Notice>}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary" icon="check" disabled={settle.isPending}>
          {byHand ? "Posted" : "It is there"}
        </Button>
        <Button icon="cross" disabled={settle.isPending} onClick={() => say(false)}>
          {byHand ? "Not posted" : "It is not there"}
        </Button>
        <span className="text-xs text-muted">What is not there may be sent again.</span>
      </div>
    </form>
  );
}
