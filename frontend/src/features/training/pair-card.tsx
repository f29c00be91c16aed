import { useState } from "react";
import { Link } from "react-router";
import { useRemovePair } from "@/api/remove-pair";
import type { PreferencePair } from "@/api/types";
import { WordDiff } from "@/components/lead/word-diff";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { TimeAgo } from "@/components/ui/time-ago";
import { LICENCES, SOURCES } from "./words";

export function PairCard({ project, pair, mayRemove }: { project: string; pair: PreferencePair; mayRemove: boolean }) {
  const [removing, setRemoving] = useState(false);
  return (
    <li className="rounded-lg border border-line bg-surface p-4">
      <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <span className="font-medium text-soft">{SOURCES[pair.source]}</span>
        <span>{pair.platform}</span>
        {LICENCES[pair.licence] && <span>{LICENCES[pair.licence]}</span>}
        <TimeAgo value={pair.created_at} />
        <Link to={`/p/${project}/leads?lead=${pair.lead}`} className="font-medium text-accent-text hover:underline">
          Lead {pair.lead}
        </Link>
        {mayRemove && (
          <Button size="sm" look="danger" className="ml-auto" aria-label={`Remove pair ${pair.id}`} onClick={() => setRemoving(true)}>
            Remove
          </Button>
        )}
      </div>
      <WordDiff before={pair.rejected_text} after={pair.chosen_text} />
      {removing && <RemoveDialog project={project} pair={pair} onClose={() => setRemoving(false)} />}
    </li>
  );
}

function RemoveDialog({ project, pair, onClose }: { project: string; pair: PreferencePair; onClose: () => void }) {
  const remove = useRemovePair(project);
  return (
    <ConfirmDialog title="Remove this pair?" confirm="Remove pair" pending={remove.isPending} error={remove.error} onConfirm={() => remove.mutate(pair.id, { onSuccess: onClose })} onClose={onClose}>
      Nothing is trained on it from then on. {pair.source !== "manual" && "The decision on the draft stays as it is."}
    </ConfirmDialog>
  );
}
