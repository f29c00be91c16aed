import { lazy, Suspense, useState } from "react";
import { usePauses } from "@/api/list-pauses";
import { useMay, useProject } from "@/api/session";
import { Button } from "@/components/ui/button";
import { holdingPauses } from "@/components/lead/pause-sentence";
import { formatCount } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import type { ByHand } from "./by-hand";
import { useSendCount } from "./use-send-count";

const SendDialog = lazy(async () => ({ default: (await import("./send-dialog")).SendDialog }));
const PauseDialog = lazy(async () => ({ default: (await import("./pause-dialog")).PauseDialog }));

/** Send what is approved, and the switch that stops all sending. A viewer looks at what would be sent. */
export function SendingControls({ decisions, onByHand }: { decisions: unknown; onByHand: (given: ByHand) => void }) {
  const { slug } = useProject();
  const maySend = useMay("reviewer");
  const [open, setOpen] = useState<"send" | "pause" | null>(null);
  const count = useSendCount(slug, decisions);
  const paused = holdingPauses(usePauses(slug).data ?? [], useNow("halfMinute")).length > 0;
  const close = () => setOpen(null);
  return (
    <>
      <Button icon={maySend ? "send" : undefined} onClick={() => setOpen("send")}>
        <span>
          {maySend ? "Send" : "To be sent"} {maySend && <span className="max-sm:sr-only">approved</span>} {count !== undefined && `(${formatCount(count)})`}
        </span>
      </Button>
      {maySend && (
        <Button look="ghost" icon={paused ? "runs" : "pause"} onClick={() => setOpen("pause")} className="max-sm:px-2">
          <span className="max-sm:sr-only">{paused ? "Resume sending" : "Pause sending"}</span>
        </Button>
      )}
      <Suspense>
        {open === "send" && (
          <SendDialog
            project={slug}
            maySend={maySend}
            onClose={close}
            onByHand={(given) => {
              close();
              onByHand(given);
            }}
          />
        )}
        {open === "pause" && <PauseDialog project={slug} onClose={close} />}
      </Suspense>
    </>
  );
}
