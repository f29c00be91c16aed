import { useId } from "react";
import type { PreviewRow, SendResult } from "@/api/types";
import { platformName } from "@/components/lead/post-view";
import { Button } from "@/components/ui/button";
import { Status } from "@/components/ui/status";
import { formatDateTime } from "@/lib/format";

interface SendRowProps {
  row: PreviewRow;
  chosen: boolean;
  /** What became of it, once it was sent. */
  result: SendResult | undefined;
  onChoose: ((wanted: boolean) => void) | undefined;
  onByHand: (() => void) | undefined;
}

export function SendRow({ row, chosen, result, onChoose, onByHand }: SendRowProps) {
  const id = useId();
  const open = onChoose && !result;
  return (
    <li className="rounded-lg border border-line bg-surface px-3 py-2.5">
      <div className="flex items-start gap-2.5">
        {open && <input id={id} type="checkbox" checked={chosen} onChange={(event) => onChoose(event.target.checked)} className="mt-0.5 size-4 shrink-0 accent-accent" />}
        <div className="min-w-0 grow">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            {open ? (
              <label htmlFor={id} className="min-w-0 truncate font-medium">
                {nameOf(row)}
              </label>
            ) : (
              <span className="min-w-0 truncate font-medium">{nameOf(row)}</span>
            )}
            <Status value={result?.delivery?.status ?? row.verdict} />
          </div>
          {result?.problem ? (
            <p role="alert" className="mt-1 text-xs break-words text-bad">
              {result.problem}
            </p>
          ) : (
            row.sentence && (
              <p className="mt-1 text-xs break-words text-soft">
                {row.sentence}
                {row.until && <span className="text-muted"> Until {formatDateTime(row.until)}.</span>}
              </p>
            )
          )}
          <p dir="auto" className="mt-1 line-clamp-3 break-words whitespace-pre-wrap text-muted">
            {row.text}
          </p>
          {onByHand && !result && (
            <Button size="sm" icon="pencil" onClick={onByHand} className="mt-2">
              Post by hand
              <span className="sr-only">: {nameOf(row)}</span>
            </Button>
          )}
        </div>
      </div>
    </li>
  );
}

function nameOf({ author, draft, platform }: PreviewRow): string {
  return `${author ? `@${author}` : `Draft ${draft}`} at ${platformName(platform)}`;
}
