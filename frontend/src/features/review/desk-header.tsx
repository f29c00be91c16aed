import { Link } from "react-router";
import { useMe } from "@/api/session";
import type { QueueItem } from "@/api/types";
import { TouchBadge } from "@/components/lead/touch-badge";
import { IconButton } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Status } from "@/components/ui/status";
import { formatCount, formatDateTime } from "@/lib/format";
import { useQueueKeys } from "./queue-keys";
import { useHolder } from "./use-hold";

export interface Position {
  index: number;
  last: number;
  count: number;
}

interface DeskHeaderProps {
  item: QueueItem;
  position: Position | null;
  onMove: (by: number) => void;
  onBack: (() => void) | undefined;
}

/** Which draft is open, who has to do with it, and the way to its neighbours. */
export function DeskHeader({ item, position, onMove, onBack }: DeskHeaderProps) {
  const [keys] = useQueueKeys();
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 md:px-4">
      {onBack && <IconButton icon="chevronLeft" label="Back to the list" onClick={onBack} />}
      <h2 className="shrink-0 font-semibold">
        <span className="sr-only">Draft </span>
        <Link to={`/p/${item.project}/leads?lead=${item.lead}`} className="rounded-sm hover:text-accent-text hover:underline">
          Lead {item.lead}
        </Link>
      </h2>
      <Status value={item.status} />
      <TouchBadge touch={item.touch} />
      {item.reviewer && <span className="truncate text-xs text-muted">by {item.reviewer}</span>}
      <People item={item} />
      <span className="ml-auto flex shrink-0 items-center text-xs text-muted tabular-nums">
        {position && (
          <span className="mr-1 whitespace-nowrap">
            {formatCount(position.index + 1)} of {formatCount(position.count)}
          </span>
        )}
        <IconButton icon="chevronDown" label={`Previous draft (${keys.previous})`} disabled={!position || position.index === 0} onClick={() => onMove(-1)} className="rotate-180" />
        <IconButton icon="chevronDown" label={`Next draft (${keys.next})`} disabled={!position || position.index === position.last} onClick={() => onMove(1)} />
      </span>
    </header>
  );
}

/** Who else has it before them, whose it is, and until when it sleeps. */
function People({ item }: { item: QueueItem }) {
  const me = useMe().username;
  const holder = useHolder(item, me);
  return (
    <span className="flex min-w-0 items-center gap-2 overflow-hidden text-xs whitespace-nowrap text-muted">
      <span role="status" className={holder ? "flex min-w-0 items-center gap-1 font-medium text-warn" : "sr-only"}>
        {holder && (
          <>
            <Icon name="user" size="sm" />
            <span className="truncate">{holder} is on it</span>
          </>
        )}
      </span>
      {item.assignee && <span className="truncate">{item.assignee === me ? "Yours" : `${item.assignee}’s`}</span>}
      {item.snoozed_until && <span className="truncate">Snoozed until {formatDateTime(item.snoozed_until)}</span>}
    </span>
  );
}
