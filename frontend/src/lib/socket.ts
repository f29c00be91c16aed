/** One WebSocket that stays: reconnects with backoff and asks for what it missed. Knows nothing of React. */

export type ConnectionStatus = "connecting" | "connected" | "reconnecting" | "closed";

interface Numbered {
  seq: number;
}

export interface SocketOptions<Event extends Numbered> {
  /** The address, given the number of the last event seen (null: none yet, only what is new). */
  address: (after: number | null) => string;
  onEvent: (event: Event) => void;
  /** `failures`: how many attempts in a row have come to nothing. */
  onStatus: (status: ConnectionStatus, failures: number) => void;
  /** The first connection of this socket stands: what happened before it was not heard. */
  onFirstOpen: () => void;
  /** The server will not have us any more (session ended, project gone): connecting again is no use. */
  onRefused: () => void;
}

const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;
const REFUSED = new Set([4401, 4404]);

/** Doubles from half a second to 15 s, with up to a quarter of spread so that clients do not come back in step. */
export function backoff(attempt: number, random: number = Math.random()): number {
  return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt) * (1 - random / 4);
}

export class ResumingSocket<Event extends Numbered> {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private lastSeq: number | null = null;
  private hasOpened = false;
  private stopped = false;

  constructor(private readonly options: SocketOptions<Event>) {}

  start(): void {
    window.addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this.options.onStatus("connecting", 0);
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    window.removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    clearTimeout(this.timer);
    this.socket?.close(1000);
  }

  private connect(): void {
    const socket = new WebSocket(this.options.address(this.lastSeq));
    this.socket = socket;
    socket.onopen = () => {
      if (this.stopped) return;
      this.attempt = 0;
      this.options.onStatus("connected", 0);
      if (!this.hasOpened) this.options.onFirstOpen();
      this.hasOpened = true;
    };
    socket.onmessage = (message: MessageEvent<string>) => this.receive(message.data);
    socket.onclose = (event) => this.closed(event.code);
  }

  private receive(data: string): void {
    if (this.stopped) return;
    const event = JSON.parse(data) as Event;
    if (this.lastSeq !== null && event.seq <= this.lastSeq) return;
    this.lastSeq = event.seq;
    this.options.onEvent(event);
  }

  private closed(code: number): void {
    if (this.stopped) return;
    this.socket = null;
    if (REFUSED.has(code)) {
      this.options.onStatus("closed", this.attempt);
      this.options.onRefused();
      return;
    }
    this.options.onStatus("reconnecting", this.attempt);
    this.timer = setTimeout(() => this.connect(), backoff(this.attempt));
    this.attempt += 1;
  }

  /** Back online, or back on screen: do not sit out the rest of a long delay. */
  private readonly hurry = (): void => {
    if (this.stopped || this.socket || document.visibilityState === "hidden") return;
    clearTimeout(this.timer);
    this.attempt = 0;
    this.connect();
  };
}
