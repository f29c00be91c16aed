import { Link } from "react-router";
import { useMay } from "@/api/session";
import type { Run, Stats } from "@/api/types";
import { Icon, type IconName } from "@/components/ui/icon";
import { Panel } from "@/components/ui/page";
import { Skeleton } from "@/components/ui/states";
import { formatCount, plural } from "@/lib/format";

interface Need {
  key: string;
  icon: IconName;
  tone: string;
  title: string;
  note: string;
  to: string;
}

export function NeedsMe({ project, stats, latestRun }: { project: string; stats: Stats | undefined; latestRun: Run | undefined }) {
  const mayDecide = useMay("reviewer");
  return (
    <Panel title="What needs you">
      <div className="px-2 pb-2">
        {stats ? <Needs needs={needsOf(stats, latestRun, mayDecide)} project={project} /> : <Skeleton className="mx-2 my-2.5 h-8" />}
      </div>
    </Panel>
  );
}

function Needs({ needs, project }: { needs: Need[]; project: string }) {
  if (needs.length === 0) {
    return (
      <p className="flex h-13 items-center gap-3 px-2 text-muted">
        <Icon name="check" className="text-good" />
        Nothing right now. All drafts are decided.
      </p>
    );
  }
  return (
    <ul>
      {needs.map((need) => (
        <li key={need.key}>
          <Link to={`/p/${project}/${need.to}`} className="flex min-h-13 items-center gap-3 rounded-md px-2 py-1.5 transition-colors hover:bg-hover">
            <Icon name={need.icon} className={need.tone} />
            <span className="min-w-0 grow">
              <span className="block font-medium">{need.title}</span>
              <span className="line-clamp-2 text-xs text-muted">{need.note}</span>
            </span>
            <Icon name="chevronRight" size="sm" className="text-muted" />
          </Link>
        </li>
      ))}
    </ul>
  );
}

function needsOf(stats: Stats, run: Run | undefined, mayDecide: boolean): Need[] {
  const needs: Need[] = [];
  if (stats.pending > 0) {
    const note = mayDecide ? "Approve, edit or reject them" : "A reviewer decides on them; you can read along";
    needs.push({ key: "pending", icon: "queue", tone: "text-accent-text", title: `${plural(stats.pending, "draft waits", "drafts wait")} for review`, note, to: "queue" });
  }
  if (run?.status === "failed") {
    needs.push({ key: "failed", icon: "alert", tone: "text-bad", title: `Run ${run.id} failed`, note: run.error || "See what happened", to: `runs/${run.id}` });
  }
  const failures = Object.values(run?.stages ?? {}).reduce((sum, stage) => sum + stage.failed, 0);
  if (run && run.status !== "failed" && failures > 0) {
    const note = "They are tried again in the next run";
    needs.push({ key: "partial", icon: "alert", tone: "text-warn", title: `${formatCount(failures)} ${failures === 1 ? "item" : "items"} failed in run ${run.id}`, note, to: `runs/${run.id}` });
  }
  return needs;
}
