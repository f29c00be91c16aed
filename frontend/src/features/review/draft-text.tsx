import type { QueueItem } from "@/api/types";
import { WordDiff } from "@/components/lead/word-diff";
import { humanize } from "@/lib/format";
import { CharacterCount } from "@/components/ui/character-count";

/** The draft as it would be sent; of an edited one, what was changed. */
export function DraftText({ item }: { item: QueueItem }) {
  return (
    <article aria-label="Draft reply" className="rounded-lg border border-line-strong bg-surface shadow-1">
      <header className="flex items-center gap-2 border-b border-line px-4 py-2">
        <h3 className="shrink-0 font-semibold">Draft reply</h3>
        <span className="min-w-0 truncate text-xs text-muted">{origin(item)}</span>
        <span className="ml-auto shrink-0">
          <CharacterCount text={item.text} limit={item.max_length} platform={item.platform} />
        </span>
      </header>
      <div className="px-4 py-3">
        {item.status === "edited" ? (
          <WordDiff before={item.text_generated} after={item.text} />
        ) : (
          <p dir="auto" className="text-base break-words whitespace-pre-wrap">
            {item.text}
          </p>
        )}
      </div>
      {item.status === "rejected" && <Rejection reason={item.reject_reason} better={item.better_text} />}
    </article>
  );
}

function Rejection({ reason, better }: { reason: string; better: string }) {
  return (
    <div className="border-t border-line px-4 py-3 text-soft">
      <p>
        <span className="text-muted">Rejected: </span>
        {reason ? humanize(reason) : "no reason given"}
      </p>
      {better && (
        <p dir="auto" className="mt-2 border-l-2 border-line-strong pl-3 break-words whitespace-pre-wrap">
          <span className="block text-xs text-muted">Better would have been</span>
          {better}
        </p>
      )}
    </div>
  );
}

function origin(item: QueueItem): string {
  const template = item.template_used && `template ${item.template_used}`;
  return [template, item.tone].filter(Boolean).join(" · ");
}
