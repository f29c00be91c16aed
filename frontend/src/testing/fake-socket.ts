import { act } from "@testing-library/react";

/** Stands in for the browser's WebSocket: tests open it, let it speak, and cut it. */
export class FakeSocket {
  static all: FakeSocket[] = [];

  static reset(): void {
    FakeSocket.all = [];
  }

  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closedWith: number | undefined;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  get after(): string | null {
    return new URL(this.url).searchParams.get("after");
  }

  open(): void {
    act(() => this.onopen?.());
  }

  say(event: object): void {
    act(() => this.onmessage?.({ data: JSON.stringify(event) }));
  }

  cut(code = 1006): void {
    act(() => this.onclose?.({ code }));
  }

  close(code: number): void {
    this.closedWith = code;
  }
}
