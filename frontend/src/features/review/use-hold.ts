import { useIsMutating, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { holdDraft, releaseDraft } from "@/api/hold-draft";
import type { QueueView } from "@/api/list-queue";
import type { Hold, QueueItem } from "@/api/types";
import { useNow } from "@/lib/use-now";
import { patchRow } from "./queue-cache";

/** Whoever only passes by takes nothing. */
const SETTLE_MS = 700;
/** A third of the server's lease. */
const RENEW_MS = 30_000;

interface Wanted {
  project: string;
  view: QueueView;
  /** The draft that this person may decide on; null: none. */
  id: number | null;
  /** A decision lets go by itself. */
  isDecided: (id: number) => boolean;
}

/** Tells others that a draft is before this person's eyes, while it is. It keeps nobody from deciding. */
export function useHold({ project, view, id, isDecided }: Wanted): void {
  const queries = useQueryClient();
  const isUndoing = useIsMutating({ mutationKey: ["undo", project] }) > 0; // only then it waits again at the server too
  useEffect(() => {
    if (id === null || isUndoing) return;
    let taking: Promise<unknown> | undefined;
    const take = () => {
      if (document.visibilityState === "hidden") return;
      taking = holdDraft(id).then(
        (hold) => patchRow(queries, project, view, id, (row) => ({ ...row, hold })),
        () => undefined, // decided by now, or offline: whoever decides is told
      );
    };
    const release = () => {
      if (taking && !isDecided(id)) void taking.then(() => releaseDraft(id)).catch(() => undefined);
      taking = undefined;
    };
    const start = setTimeout(take, SETTLE_MS);
    const renew = setInterval(take, RENEW_MS);
    window.addEventListener("pagehide", release);
    return () => {
      clearTimeout(start);
      clearInterval(renew);
      window.removeEventListener("pagehide", release);
      release();
    };
  }, [queries, project, view, id, isDecided, isUndoing]);
}

/** Who else has a draft before them now. */
export function useHolder({ hold }: Pick<QueueItem, "hold">, me: string): Hold["user"] | undefined {
  const now = useNow("halfMinute");
  return hold && hold.user !== me && Date.parse(hold.until) > now ? hold.user : undefined;
}
