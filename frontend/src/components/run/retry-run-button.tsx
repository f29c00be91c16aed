import { messageOf } from "@/api/problem";
import { useRetryRun } from "@/api/retry-run";
import type { Run } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useToasts } from "@/components/ui/toast";

const RETRIED: readonly Run["status"][] = ["failed", "partial", "cancelled"];

export function canRetry(run: Pick<Run, "status">): boolean {
  return RETRIED.includes(run.status);
}

/** A new run with the same options, which also takes up what had been given up. */
export function RetryRunButton({ project, id, onStarted }: { project: string; id: number; onStarted: (run: Run) => void }) {
  const retry = useRetryRun(project);
  const toasts = useToasts();
  return (
    <Button
      size="sm"
      icon="refresh"
      disabled={retry.isPending}
      onClick={() => retry.mutate(id, { onSuccess: onStarted, onError: (error) => toasts.show({ message: messageOf(error), tone: "bad" }) })}
    >
      {retry.isPending ? "Starting…" : "Try again"}
    </Button>
  );
}
