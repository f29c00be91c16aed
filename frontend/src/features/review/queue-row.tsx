import { memo } from "react";
import { useMe } from "@/api/session";
import type { QueueItem } from "@/api/types";
import { AuthorLine } from "@/components/lead/author-line";
import { Score } from "@/components/lead/score";
import { TouchBadge } from "@/components/lead/touch-badge";
import { Icon } from "@/components/ui/icon";
import { PickBox } from "@/components/ui/pick-box";
import { Status } from "@/components/ui/status";
import { TimeAgo } from "@/components/ui/time-ago";
import { cn } from "@/lib/cn";
import { nameOf } from "./verdict-words";
import { useHolder } from "./use-hold";

interface QueueRowProps {
  item: QueueItem;
  selected: boolean;
  returned: boolean;
  picked: boolean;
  onPick: ((id: number, how: { range: boolean }) => void) | undefined;
  onSelect: (id: number) => void;
}

/** Remembered: a key press that moves the selection paints two rows, not the list. */
export const QueueRow = memo(function QueueRow({ item, selected, returned, picked, onPick, onSelect }: QueueRowProps) {
  return (
    <div className={cn("relative h-full border-b border-line transition-colors", picked ? "bg-accent-soft" : selected ? "bg-selected" : "hover:bg-hover")}>
      {selected && <span aria-hidden="true" className="absolute inset-y-0 left-0 w-0.5 bg-accent" />}
      <button
        type="button"
        aria-current={selected ? "true" : undefined}
        onClick={() => onSelect(item.id)}
        className="flex h-full w-full gap-3 px-4 py-2.5 text-left focus-visible:-outline-offset-2"
      >
        <Score value={item.score} className="shrink-0 pt-0.5" />
        <span className="min-w-0 grow">
          <span className="flex items-center gap-2">
            <AuthorLine author={item.author} />
            <span className="ml-auto flex shrink-0 items-center gap-1 text-xs text-muted tabular-nums">
              {returned && (
                <>
                  <Icon name="alert" size="sm" className="text-bad" />
                  <span className="sr-only">came back: </span>
                </>
              )}
              <TouchBadge touch={item.touch} />
              <Whose item={item} />
              {item.status === "pending" ? <TimeAgo value={item.post.posted_at ?? item.created_at} /> : <Status value={item.status} plain />}
            </span>
          </span>
          <span lang={item.post.language || undefined} dir="auto" className="mt-px line-clamp-2 text-xs break-words text-muted">
            {item.post.excerpt}
          </span>
        </span>
      </button>
      {onPick && <PickBox name={nameOf(item)} picked={picked} onPick={(range) => onPick(item.id, { range })} className="bottom-2 left-3" />}
    </div>
  );
});

/** Who has it before them, or whose it is. */
function Whose({ item }: { item: QueueItem }) {
  const me = useMe().username;
  const holder = useHolder(item, me);
  if (holder) {
    return (
      <span className="flex max-w-24 items-center gap-1 font-medium text-warn" title={`${holder} is on it`}>
        <Icon name="user" size="sm" />
        <span className="truncate">{holder}</span>
        <span className="sr-only">is on it</span>
      </span>
    );
  }
  return item.assignee ? <span className="max-w-20 truncate">{item.assignee === me ? "yours" : item.assignee}</span> : null;
}
