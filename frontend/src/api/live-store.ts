import type { ConnectionStatus } from "@/lib/socket";
import type { LiveEvent } from "./types";

/** The latest events of one project, as the socket brings them, and how the socket is. */
export interface LiveSnapshot {
  status: ConnectionStatus;
  /** Oldest first. */
  events: readonly LiveEvent[];
}

const KEPT = 500;

export class LiveStore {
  private snapshot: LiveSnapshot = { status: "connecting", events: [] };
  private readonly watchers = new Set<() => void>();
  private readonly listeners = new Set<(event: LiveEvent) => void>();

  readonly getSnapshot = (): LiveSnapshot => this.snapshot;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Each event as it comes, for those who act on it rather than show it. */
  readonly listen = (listener: (event: LiveEvent) => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  add(event: LiveEvent): void {
    this.update({ events: [...this.snapshot.events.slice(1 - KEPT), event] });
    for (const listener of this.listeners) listener(event);
  }

  setStatus(status: ConnectionStatus): void {
    this.update({ status });
  }

  private update(part: Partial<LiveSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...part };
    for (const watcher of this.watchers) watcher();
  }
}
