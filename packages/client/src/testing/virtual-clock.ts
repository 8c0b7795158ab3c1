/** The event loop as it was when this module was loaded: a test may have replaced its timers since. */
const realTimeout = globalThis.setTimeout;

/** Where the devices of a {@link FakeGateway} take their time from. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** Calls back once; answers with the function that prevents it. */
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
}

/** Time as everybody else has it, for looking at a user interface by hand. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Time that stands still until it is told otherwise: a minute of ringing takes no time, and nothing is raced. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  /** @param startMs what the time is; default: the first second of 2026, UTC */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  readonly nowMs = (): number => this.#nowMs;

  readonly setTimer = (callback: () => void, delayMs: number): (() => void) => {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Lets so much time pass, timer by timer, each with all that follows from it. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await settle();
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      await settle();
    }
    this.#nowMs = untilMs;
  }
}

/** What is on its way: frames, and news of sockets. */
let inFlight = 0;

/** Does something in a turn of its own, as a network would; never in the turn that asked for it. */
export function soon(deliver: () => void): void {
  inFlight += 1;
  realTimeout(() => {
    inFlight -= 1;
    deliver();
  }, 0);
}

/** More turns than this are not needed by anything that comes to an end. */
const TURNS_MAX = 1000;

/** Lets everything happen that needs no time: promises, messages on their way, and what they lead to. */
export async function settle(): Promise<void> {
  let quietTurns = 0;
  for (let turn = 0; turn < TURNS_MAX && quietTurns < 3; turn += 1) {
    await new Promise<void>((resolve) => realTimeout(resolve, 0));
    quietTurns = inFlight === 0 ? quietTurns + 1 : 0;
  }
}
