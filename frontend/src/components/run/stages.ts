import type { LiveEvent, Run } from "@/api/types";

/** The pipeline's stages in their order; one that an extension adds comes after them. */
export const STAGES = ["collect", "normalize", "judge", "score", "notify", "draft"] as const;

export interface StageView {
  name: string;
  done: number;
  failed: number;
  skipped: number;
  seconds: number | null;
  state: "waiting" | "working" | "finished";
  /** 0-1; null: at work, but how much there is to do is not known. */
  progress: number | null;
}

const ENDED = new Set<Run["status"]>(["succeeded", "partial", "failed", "cancelled"]);

/** A run's stages as they stand: its own counts, with the totals that its latest events tell. */
export function viewStages(run: Run, events: readonly LiveEvent[]): StageView[] {
  const latest = new Map<string, LiveEvent>();
  for (const event of events) {
    if (event.type === "pipeline_progress" && event.stage && event.run === run.id) latest.set(event.stage, event);
  }
  const names = stageNames(run);
  const begun = names.map((name) => name in run.stages || latest.has(name));
  const front = begun.lastIndexOf(true);
  const ended = ENDED.has(run.status);
  return names.map((name, index) => {
    const counts = run.stages[name];
    const progress = latest.get(name)?.progress ?? null;
    const state = stageState({ begun: begun[index] ?? false, isFront: index === front, ended, progress });
    return {
      name,
      done: counts?.done ?? 0,
      failed: counts?.failed ?? 0,
      skipped: counts?.skipped ?? 0,
      seconds: counts?.seconds ?? null,
      state,
      progress: state === "finished" ? 1 : state === "waiting" ? 0 : progress,
    };
  });
}

function stageState({ begun, isFront, ended, progress }: { begun: boolean; isFront: boolean; ended: boolean; progress: number | null }): StageView["state"] {
  if (!begun) return "waiting";
  return isFront && !ended && progress !== 1 ? "working" : "finished";
}

function stageNames(run: Run): string[] {
  const asked = run.options.stages;
  const wanted = asked?.length ? STAGES.filter((name) => asked.includes(name)) : [...STAGES];
  const others = [...Object.keys(run.stages), ...(asked ?? [])].filter((name) => !(STAGES as readonly string[]).includes(name));
  return [...wanted, ...new Set(others)];
}
