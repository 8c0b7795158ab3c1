import type { Millis, Step } from './machine.ts';

/** Time, as a machine's driver needs it. The gateway has a real one, a test turns one by hand. */
export interface World {
  nowMs(): Millis;
  /** Calls back once, at or after the time, and never before it has returned. Returns the function that prevents it. */
  wakeAt(atMs: Millis, wake: () => void): () => void;
}

export interface DriverOptions<State, Input, Output> {
  readonly start: (nowMs: Millis) => Step<State, Output>;
  readonly step: (state: State, input: Input, nowMs: Millis) => Step<State, Output>;
  readonly deadlineMs: (state: State) => Millis | undefined;
  /** Said when a deadline has come. */
  readonly clock: Input;
  readonly perform: (output: Output) => void;
  /**
   * The machine or `perform` threw: what only can be our bug. The driver has stopped; inputs are the last it took.
   * What `start` throws, the constructor throws: there is nothing to stop yet.
   */
  readonly onCrash: (error: unknown, lastInputs: readonly Input[]) => void;
  readonly world: World;
}

/** How many inputs are kept for the log of a crash. */
const REMEMBERED_INPUTS = 20;

/**
 * The only place where a machine meets time. Inputs that arrive while outputs are being performed wait their turn,
 * so that a machine is never entered twice; and there is exactly one timer, computed from the state, so that there is
 * none to forget.
 */
export class Driver<State, Input, Output> {
  readonly #options: DriverOptions<State, Input, Output>;
  readonly #queue: Input[] = [];
  readonly #lastInputs: Input[] = [];
  #state: State;
  #first: readonly Output[] | undefined;
  /** True before `begin` too: inputs wait until the first outputs have been performed. */
  #isDraining = true;
  #isStopped = false;
  #armedForMs: Millis | undefined;
  #disarm: (() => void) | undefined;

  constructor(options: DriverOptions<State, Input, Output>) {
    this.#options = options;
    const first = options.start(options.world.nowMs());
    this.#state = first.state;
    this.#first = first.outputs;
  }

  /**
   * Performs what the machine said at its start, and takes inputs from here on. Apart from the constructor, because
   * whoever performs an output must be able to feed the driver, and has it only then. Inputs that came before wait.
   */
  begin(): void {
    const first = this.#first;
    if (first === undefined) return;
    this.#first = undefined;
    this.#drain(first);
  }

  get state(): State {
    return this.#state;
  }

  feed(input: Input): void {
    if (this.#isStopped) return;
    this.#queue.push(input);
    if (!this.#isDraining) this.#drain([]);
  }

  /** No input is taken and no output performed from here on. */
  stop(): void {
    this.#isStopped = true;
    this.#queue.length = 0;
    this.#disarm?.();
    this.#disarm = undefined;
  }

  #drain(first: readonly Output[]): void {
    const { step, world } = this.#options;
    this.#isDraining = true;
    try {
      this.#perform(first);
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#remember(next);
        const stepped = step(this.#state, next, world.nowMs());
        this.#state = stepped.state;
        this.#perform(stepped.outputs);
      }
      this.#rearm();
    } catch (error) {
      this.stop();
      this.#options.onCrash(error, this.#lastInputs);
    } finally {
      this.#isDraining = false;
    }
  }

  #perform(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (this.#isStopped) return;
      this.#options.perform(output);
    }
  }

  #remember(input: Input): void {
    this.#lastInputs.push(input);
    if (this.#lastInputs.length > REMEMBERED_INPUTS) this.#lastInputs.shift();
  }

  #rearm(): void {
    if (this.#isStopped) return;
    const { world, clock, deadlineMs } = this.#options;
    const atMs = deadlineMs(this.#state);
    if (atMs === this.#armedForMs) return;
    this.#disarm?.();
    this.#disarm = undefined;
    this.#armedForMs = atMs;
    if (atMs === undefined) return;
    this.#disarm = world.wakeAt(atMs, () => {
      this.#armedForMs = undefined;
      this.#disarm = undefined;
      this.feed(clock);
    });
  }
}
