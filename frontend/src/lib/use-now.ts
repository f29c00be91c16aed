import { useSyncExternalStore } from "react";

/** One clock for all that show a time: hundreds of ages on a page share a timer per pace. */
class Clock {
  private now = Date.now();
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly watchers = new Set<() => void>();

  constructor(private readonly every: number) {}

  readonly read = (): number => this.now;

  readonly subscribe = (watcher: () => void): (() => void) => {
    if (this.watchers.size === 0) this.start();
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
      if (this.watchers.size === 0) clearInterval(this.timer);
    };
  };

  private start(): void {
    this.now = Date.now();
    this.timer = setInterval(() => {
      this.now = Date.now();
      for (const watcher of this.watchers) watcher();
    }, this.every);
  }
}

const clocks = { second: new Clock(1_000), halfMinute: new Clock(30_000) };

/** The present time, renewed at a pace, so that ages and durations on screen stay true. */
export function useNow(pace: keyof typeof clocks): number {
  const clock = clocks[pace];
  return useSyncExternalStore(clock.subscribe, clock.read);
}
