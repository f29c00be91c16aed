import { useStats } from "@/api/get-stats";
import { isLive, useRuns } from "@/api/list-runs";

/** Counts and the newest run: what several parts of the overview look at. */
export function useOverview(project: string) {
  const stats = useStats(project);
  const runs = useRuns(project);
  const latestRun = runs.data?.pages[0]?.results[0];
  return { stats, latestRun, liveRun: latestRun && isLive(latestRun) ? latestRun : undefined };
}
