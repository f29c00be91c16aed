import { useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { TEXTAREA } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { yamlSnippet } from "./yaml-snippet";

/** The query for project.yaml, to be copied. */
export function Snippet({ query }: { query: { platform: string; text: string } }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [copied, setCopied] = useState<"yes" | "by hand" | null>(null);
  const text = yamlSnippet(query);

  // Browsers lend the clipboard to secure pages only: elsewhere the selected text is copied by hand.
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied("yes");
    } catch {
      field.current?.select();
      setCopied("by hand");
    }
  };

  return (
    <div>
      <label htmlFor="query-yaml" className="mb-1 block text-xs font-medium text-soft">
        For project.yaml, under queries
      </label>
      <div className="flex items-start gap-2 max-sm:flex-col">
        <textarea id="query-yaml" ref={field} readOnly rows={3} value={text} spellCheck={false} onFocus={(event) => event.target.select()} className={cn(TEXTAREA, "font-mono text-xs")} />
        <Button icon={copied === "yes" ? "check" : "copy"} onClick={() => void copy()}>
          {copied === "yes" ? "Copied" : "Copy"}
        </Button>
      </div>
      <p role="status" className="mt-1 min-h-4.5 text-xs text-muted">
        {copied === "yes" ? "It is on your clipboard." : copied === "by hand" ? "This browser does not let pages copy: the text is selected, press Ctrl+C." : ""}
      </p>
    </div>
  );
}
