import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { INPUT } from "@/components/ui/field";
import { Notice } from "@/components/ui/states";
import { cn } from "@/lib/cn";

interface KeySecretProps {
  text: string;
  name: string;
  /** They wanted to leave without it. */
  warned: boolean;
  onKept: () => void;
  onDone: () => void;
}

export function KeySecret({ text, name, warned, onKept, onDone }: KeySecretProps) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<"yes" | "by hand" | null>(null);

  useEffect(() => field.current?.select(), []);

  // Browsers lend the clipboard to secure pages only: elsewhere the selected text is copied by hand.
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied("yes");
      onKept();
    } catch {
      field.current?.select();
      setCopied("by hand");
    }
  };

  return (
    <div className="flex flex-col gap-4 px-5 pt-1 pb-5">
      <Notice tone="warn">
        {warned ? "Nothing is copied yet. " : ""}Copy the key now and keep it safe: it is not stored, and cannot be shown again.
      </Notice>
      <div>
        <label htmlFor="new-key" className="mb-1 block text-xs font-medium text-soft">
          {name}
        </label>
        <div className="flex gap-2 max-sm:flex-col">
          <input
            id="new-key"
            ref={field}
            readOnly
            value={text}
            spellCheck={false}
            onFocus={(event) => event.target.select()}
            onCopy={onKept}
            className={cn(INPUT, "font-mono text-xs")}
          />
          <Button look="primary" icon={copied === "yes" ? "check" : "copy"} onClick={() => void copy()}>
            {copied === "yes" ? "Copied" : "Copy"}
          </Button>
        </div>
        <p role="status" className="mt-1 min-h-4.5 text-xs text-muted">
          {copied === "yes" ? "The key is on your clipboard." : copied === "by hand" ? "This browser does not let pages copy: the key is selected, press Ctrl+C." : ""}
        </p>
      </div>
      <div className="flex justify-end">
        <Button onClick={onDone}>Done</Button>
      </div>
    </div>
  );
}
