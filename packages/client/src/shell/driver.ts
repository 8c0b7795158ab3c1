import type { Platform } from '../platform.ts';

/** A machine as its driver sees it: told an input and the time, it answers with what is to be done. */
export interface Drivable<Input, Output> {
  readonly step: (input: Input, nowMs: number) => readonly Output[];
  readonly perform: (output: Output) => void;
  /** When it next wants to hear the clock. */
  readonly deadlineMs: () => number | null;
  readonly clock: Input;
  /** Heard after every input, when everything it led to has been done. */
  readonly settled?: () => void;
}

/** The only place where a machine meets time. An input that arrives while one is worked on waits its turn. */
export class Driver<Input, Output> {
  readonly #platform: Platform;
  readonly #machine: Drivable<Input, Output>;
  readonly #queue: Input[] = [];
  #isDraining = false;
  #cancelTimer = (): void => undefined;
  #armedForMs: number | null = null;

  constructor(platform: Platform, machine: Drivable<Input, Output>) {
    this.#platform = platform;
    this.#machine = machine;
  }

  feed(input: Input): void {
    this.#queue.push(input);
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        for (const output of this.#machine.step(next, this.#platform.nowMs())) this.#machine.perform(output);
        this.#machine.settled?.();
      }
    } finally {
      this.#isDraining = false;
      this.#arm();
    }
  }

  /** Exactly one timer, at the machine's deadline: there is none to forget. */
  #arm(): void {
    const deadlineMs = this.#machine.deadlineMs();
    if (deadlineMs === this.#armedForMs) return;
    this.#cancelTimer();
    this.#armedForMs = deadlineMs;
    if (deadlineMs === null) return;
    this.#cancelTimer = this.#platform.setTimer(
      () => {
        this.#armedForMs = null;
        this.feed(this.#machine.clock);
      },
      Math.max(0, deadlineMs - this.#platform.nowMs()),
    );
  }

  stop(): void {
    this.#cancelTimer();
    this.#armedForMs = null;
  }
}
