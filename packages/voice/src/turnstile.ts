import { VoiceError } from './voice-error.ts';

/** Lets through so many at a time; the others wait, in order, up to a ceiling. */
export class Turnstile {
  readonly #atOnceMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(options: { readonly atOnceMax: number; readonly waitingMax: number }) {
    this.#atOnceMax = options.atOnceMax;
    this.#waitingMax = options.waitingMax;
  }

  /** Settles as the task does. Rejects with `too-busy` where too many wait already. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#atOnceMax) this.#inside += 1;
    else if (this.#waiting.length >= this.#waitingMax) {
      throw new VoiceError('too-busy', `${this.#waiting.length} prompts wait for the speech engine already`);
    } else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      // The place is handed over, so that nobody slips in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
