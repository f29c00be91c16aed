import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { type ConnectionStatus, ResumingSocket } from "@/lib/socket";
import { meQuery } from "./get-me";
import { runsKey } from "./list-runs";
import { applyToCaches } from "./live-caches";
import { LiveStore } from "./live-store";
import type { LiveEvent } from "./types";

const Context = createContext<LiveStore | null>(null);
const STATS_PAUSE = 400;

function socketAddress(project: string, after: number | null): string {
  const address = new URL("/ws/pipeline", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("project", project);
  if (after !== null) address.searchParams.set("after", String(after));
  return address.href;
}

/** The one socket of the open project. Give it `key={project}`, so that another project starts afresh. */
export function LiveProvider({ project, children }: { project: string; children: ReactNode }) {
  const [store] = useState(() => new LiveStore());
  const queries = useQueryClient();

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refreshStats = () => {
      clearTimeout(timer);
      timer = setTimeout(() => queries.invalidateQueries({ queryKey: ["stats", project] }), STATS_PAUSE);
    };
    const checkSession = () => queries.invalidateQueries({ queryKey: meQuery.queryKey });
    const socket = new ResumingSocket<LiveEvent>({
      address: (after) => socketAddress(project, after),
      onEvent: (event) => {
        store.add(event);
        applyToCaches(queries, project, event, refreshStats);
      },
      onStatus: (status, failures) => {
        store.setStatus(status);
        if (failures === 2) void checkSession(); // a refused handshake looks like a lost connection
      },
      onFirstOpen: () => {
        void queries.invalidateQueries({ queryKey: runsKey(project) });
        refreshStats();
      },
      onRefused: checkSession,
    });
    socket.start();
    return () => {
      clearTimeout(timer);
      socket.stop();
    };
  }, [project, queries, store]);

  return <Context value={store}>{children}</Context>;
}

function useStore(): LiveStore {
  const store = useContext(Context);
  if (!store) throw new Error("live events need a LiveProvider");
  return store;
}

export function useConnectionStatus(): ConnectionStatus {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => store.getSnapshot().status);
}

/** The events heard since the project was opened, oldest first. */
export function useLiveEvents(): readonly LiveEvent[] {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => store.getSnapshot().events);
}

export function useLiveListener(listener: (event: LiveEvent) => void): void {
  const store = useStore();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => store.listen((event) => latest.current(event)), [store]);
}
