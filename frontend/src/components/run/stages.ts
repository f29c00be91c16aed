import type { LiveEvent, Run } from "@/api/types";

/** The pipeline's stages in their order; one that an extension adds comes after them. */
export const STAGES = ["collect", "normalize", "judge", "score", "notify", "draft"] as const;

export interface StageView {
  name: string;
  done: number;
  failed: number;
  skipped: number;
  seconds: number | null;
  state: "waiting" | "next" | "working" | "finished";
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
  const front = names.findLastIndex((name) => name in run.stages || latest.has(name));
  const active = !ENDED.has(run.status);
  return names.map((name, index) => {
    const counts = run.stages[name];
    const state = stateAt(index, front, { active, frontIsThrough: isThrough(latest.get(names[front] ?? "")) });
    return {
      name,
      done: counts?.done ?? 0,
      failed: counts?.failed ?? 0,
      skipped: counts?.skipped ?? 0,
      seconds: counts?.seconds ?? null,
      state,
      progress: state === "finished" ? 1 : state === "waiting" ? 0 : (latest.get(name)?.progress ?? null),
    };
  });
}

/** A stage tells of itself after each batch; one that has handled all it had is through (0 of 0 included). */
function isThrough(event: LiveEvent | undefined): boolean {
  return event !== undefined && event.done >= event.total;
}

function stateAt(index: number, front: number, { active, frontIsThrough }: { active: boolean; frontIsThrough: boolean }): StageView["state"] {
  if (index < front || (index === front && (!active || frontIsThrough))) return "finished";
  if (index === front) return "working";
  return active && frontIsThrough && index === front + 1 ? "next" : "waiting";
}

function stageNames(run: Run): string[] {
  const asked = run.options.stages;
  const wanted = asked?.length ? STAGES.filter((name) => asked.includes(name)) : [...STAGES];
  const others = [...Object.keys(run.stages), ...(asked ?? [])].filter((name) => !(STAGES as readonly string[]).includes(name));
  return [...wanted, ...new Set(others)];
}
