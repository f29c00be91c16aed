import { useCancelRun } from "@/api/cancel-run";
import { messageOf } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { useToasts } from "@/components/ui/toast";

/** A running run stops at its next batch, so the button stays for a moment and says so. */
export function CancelRunButton({ project, id }: { project: string; id: number }) {
  const cancel = useCancelRun(project);
  const toasts = useToasts();
  const asked = cancel.isPending || cancel.isSuccess;
  return (
    <Button
      look="danger"
      size="sm"
      icon="stop"
      disabled={asked}
      onClick={() => cancel.mutate(id, { onError: (error) => toasts.show({ message: messageOf(error), tone: "bad" }) })}
    >
      {asked ? "Stopping…" : "Cancel run"}
    </Button>
  );
}
