import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeSocket } from "@/testing/fake-socket";
import { backoff, ResumingSocket } from "./socket";

describe("ResumingSocket", () => {
  const heard: number[] = [];
  const statuses: string[] = [];
  const onFirstOpen = vi.fn();
  const onRefused = vi.fn();
  let socket: ResumingSocket<{ seq: number }>;

  beforeEach(() => {
    vi.useFakeTimers();
    heard.length = statuses.length = 0;
    onFirstOpen.mockClear();
    onRefused.mockClear();
    socket = new ResumingSocket({
      address: (after) => `ws://localhost/ws${after === null ? "" : `?after=${after}`}`,
      onEvent: (event) => heard.push(event.seq),
      onStatus: (status) => statuses.push(status),
      onFirstOpen,
      onRefused,
    });
    socket.start();
  });
  afterEach(() => {
    socket.stop();
    vi.useRealTimers();
  });

  it("asks for nothing old at first", () => {
    expect(FakeSocket.last.after).toBeNull();
  });

  it("resumes after the last event it has seen", () => {
    FakeSocket.last.open();
    FakeSocket.last.say({ seq: 41 });
    FakeSocket.last.say({ seq: 42 });
    FakeSocket.last.cut();
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(2);
    expect(FakeSocket.last.after).toBe("42");
  });

  it("hears each event once, also when the server repeats some", () => {
    FakeSocket.last.open();
    for (const seq of [1, 2, 2, 1, 3]) FakeSocket.last.say({ seq });
    expect(heard).toEqual([1, 2, 3]);
  });

  it("says how it is", () => {
    FakeSocket.last.open();
    FakeSocket.last.cut();
    vi.advanceTimersByTime(500);
    FakeSocket.last.open();
    expect(statuses).toEqual(["connecting", "connected", "reconnecting", "connected"]);
    expect(onFirstOpen).toHaveBeenCalledTimes(1);
  });

  it("waits longer after each failure, and starts afresh after a success", () => {
    FakeSocket.last.cut();
    vi.advanceTimersByTime(500);
    FakeSocket.last.cut();
    vi.advanceTimersByTime(700);
    expect(FakeSocket.all).toHaveLength(2);
    vi.advanceTimersByTime(300);
    expect(FakeSocket.all).toHaveLength(3);
    FakeSocket.last.open();
    FakeSocket.last.cut();
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(4);
  });

  it("does not sit out a delay when the browser comes back online", () => {
    FakeSocket.last.cut();
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(2);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("gives up when the session has ended", () => {
    FakeSocket.last.open();
    FakeSocket.last.cut(4401);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(statuses.at(-1)).toBe("closed");
    expect(onRefused).toHaveBeenCalledTimes(1);
  });

  it("stays silent once stopped", () => {
    const last = FakeSocket.last;
    socket.stop();
    last.say({ seq: 1 });
    last.cut();
    vi.advanceTimersByTime(60_000);
    expect(heard).toEqual([]);
    expect(FakeSocket.all).toHaveLength(1);
  });
});

describe("backoff", () => {
  it("doubles up to 15 seconds, with up to a quarter taken off", () => {
    expect([0, 1, 2, 10].map((attempt) => backoff(attempt, 0))).toEqual([500, 1000, 2000, 15_000]);
    expect(backoff(10, 1)).toBe(11_250);
  });
});
