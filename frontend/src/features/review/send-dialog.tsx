import { type FormEvent, useState } from "react";
import { useShownPreview } from "@/api/get-send-preview";
import { messageOf } from "@/api/problem";
import { useSendDrafts } from "@/api/send-drafts";
import type { SendPreview, SendResult } from "@/api/types";
import { pauseSentence } from "@/components/lead/pause-sentence";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { EmptyState, ErrorState, Loading, Notice, Skeleton } from "@/components/ui/states";
import { useToasts } from "@/components/ui/toast";
import { formatCount, plural } from "@/lib/format";
import { type ByHand, isCoolingDown } from "./by-hand";
import { OverrideField } from "./override-field";
import { SendRow } from "./send-row";

interface SendDialogProps {
  project: string;
  maySend: boolean;
  onClose: () => void;
  onByHand: (given: ByHand) => void;
}

/** What a send would do with each approved draft, and the person who confirms it. */
export function SendDialog(props: SendDialogProps) {
  const preview = useShownPreview(props.project);
  return (
    <Dialog title={props.maySend ? "Send approved drafts" : "What would be sent"} onClose={props.onClose}>
      <div className="px-5 pt-1 pb-5">
        {preview.isPending ? (
          <Loading what="what would be sent" className="flex flex-col gap-3 py-2">
            <Skeleton className="h-5 w-3/5" />
            <Skeleton className="h-20 w-full rounded-lg" />
            <Skeleton className="h-20 w-full rounded-lg" />
          </Loading>
        ) : preview.isError ? (
          <ErrorState error={preview.error} what="what would be sent" onRetry={() => void preview.refetch()} className="py-6" />
        ) : preview.data.rows.length === 0 ? (
          <EmptyState icon="check" title="Nothing waits to be sent" className="py-6">
            {preview.data.queued > 0 ? `${plural(preview.data.queued, "reply is", "replies are")} in the queue already.` : "Approve a draft first; approving alone sends nothing."}
          </EmptyState>
        ) : (
          <Confirmation {...props} preview={preview.data} />
        )}
      </div>
    </Dialog>
  );
}

function Confirmation({ project, maySend, onClose, onByHand, preview }: SendDialogProps & { preview: SendPreview }) {
  const { rows, total } = preview;
  const send = useSendDrafts(project);
  const toasts = useToasts();
  const cooling = new Set(rows.filter(isCoolingDown).map((row) => row.draft));
  const [chosen, setChosen] = useState(() => new Set(rows.filter(({ verdict }) => verdict === "ready" || verdict === "waits").map((row) => row.draft)));
  const [reason, setReason] = useState("");
  const [results, setResults] = useState<ReadonlyMap<number, SendResult>>(new Map());
  const drafts = rows.map((row) => row.draft).filter((draft) => chosen.has(draft) && !results.has(draft));
  const plain = drafts.filter((draft) => !cooling.has(draft));
  const overruled = drafts.filter((draft) => cooling.has(draft));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    // A reason goes only with the drafts that need one.
    const wishes = [
      { drafts: plain, override: "" },
      { drafts: overruled, override: reason.trim() },
    ].filter((wish) => wish.drafts.length > 0);
    let told = results;
    for (const wish of wishes) {
      const answer = await send.mutateAsync(wish).catch(() => undefined);
      if (!answer) return; // told below, and what was answered before stands at its rows
      told = new Map([...told, ...answer.results.map((result) => [result.draft, result] as const)]);
      setResults(told);
    }
    if ([...told.values()].some((result) => result.problem)) return;
    toasts.show({ message: `${plural(told.size, "reply is", "replies are")} on the way.` });
    onClose();
  };
  const choose = (draft: number, wanted: boolean) =>
    setChosen((before) => {
      const after = new Set(before);
      if (wanted) after.add(draft);
      else after.delete(draft);
      return after;
    });

  const done = results.size > 0 && drafts.length === 0;
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <Facts preview={preview} />
      {total > rows.length && (
        <p className="text-muted">
          The best {formatCount(rows.length)} of {formatCount(total)} are shown. No others are sent.
        </p>
      )}
      <ul aria-label="Approved drafts" className="flex flex-col gap-2">
        {rows.map((row) => (
          <SendRow
            key={row.draft}
            row={row}
            chosen={chosen.has(row.draft)}
            result={results.get(row.draft)}
            onChoose={maySend && !send.isPending && row.verdict !== "by_hand" && (row.verdict !== "refused" || canOverrule(row)) ? (wanted) => choose(row.draft, wanted) : undefined}
            onByHand={maySend && row.reply.mode === "assisted" && (row.verdict === "by_hand" || isCoolingDown(row)) ? () => onByHand(row) : undefined}
          />
        ))}
      </ul>
      {overruled.length > 0 && <OverrideField value={reason} onChange={setReason} />}
      {send.isError && <Notice>{messageOf(send.error)}</Notice>}
      {!maySend && <Notice tone="neutral">You are a viewer in this project: reviewers send.</Notice>}
      {maySend && (
        <div className="flex justify-end gap-2">
          <Button look={done ? "primary" : "ghost"} onClick={onClose}>
            {results.size > 0 ? "Close" : "Cancel"}
          </Button>
          {!done && (
            <Button type="submit" look="primary" icon="send" disabled={send.isPending || drafts.length === 0 || (overruled.length > 0 && reason.trim() === "")}>
              {send.isPending ? "Sending…" : `Send ${plural(drafts.length, "draft")}`}
            </Button>
          )}
        </div>
      )}
    </form>
  );
}

function canOverrule(row: SendPreview["rows"][number]): boolean {
  return isCoolingDown(row) && row.reply.mode === "api";
}

const SPANS = { hour: "an hour", day: "a day", month: "30 days" } as const;

function Facts({ preview: { caps, pauses, held_by, queued } }: { preview: SendPreview }) {
  return (
    <>
      {pauses.map((pause) => (
        <Notice key={pause.id} tone="warn">
          {pauseSentence(pause)}
        </Notice>
      ))}
      {pauses.length === 0 && held_by && <Notice tone="warn">{held_by}</Notice>}
      <dl aria-label="Caps" className="flex flex-wrap gap-x-5 gap-y-1">
        {caps.map(({ span, limit, used }) => (
          <div key={span} className="flex gap-1.5">
            <dt className="text-muted">In {SPANS[span]}</dt>
            <dd className="tabular-nums">
              {formatCount(used)} of {formatCount(limit)} used, {formatCount(Math.max(0, limit - used))} left
            </dd>
          </div>
        ))}
        {queued > 0 && (
          <div className="flex gap-1.5">
            <dt className="text-muted">In the queue</dt>
            <dd className="tabular-nums">{formatCount(queued)}</dd>
          </div>
        )}
      </dl>
    </>
  );
}
