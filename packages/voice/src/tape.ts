import { FRAME_MS, type Frame } from './frame.ts';

/**
 * Frames in the order they are heard. A tape can be listened to while it is still being recorded, by any number of
 * listeners, each from the beginning.
 */
export class Tape {
  readonly #frames: Frame[] = [];
  #bytes = 0;
  #state: 'recording' | 'whole' | 'broken' = 'recording';
  #error: unknown;
  #waiting: (() => void)[] = [];

  /** A tape that is whole already. */
  static of(frames: readonly Frame[]): Tape {
    const tape = new Tape();
    tape.append(frames);
    tape.finish();
    return tape;
  }

  get isWhole(): boolean {
    return this.#state === 'whole';
  }

  get isBroken(): boolean {
    return this.#state === 'broken';
  }

  /** What it weighs in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How long it is so far. */
  get durationMs(): number {
    return this.#frames.length * FRAME_MS;
  }

  append(frames: readonly Frame[]): void {
    if (this.#state !== 'recording') return;
    for (const frame of frames) {
      this.#frames.push(frame);
      this.#bytes += frame.byteLength;
    }
    this.#wake();
  }

  finish(): void {
    if (this.#state === 'recording') this.#state = 'whole';
    this.#wake();
  }

  /** Nothing more will come. What has been recorded is still heard; then the listener is told why. */
  break(error: unknown): void {
    if (this.#state !== 'recording') return;
    this.#state = 'broken';
    this.#error = error;
    this.#wake();
  }

  /** All frames from the beginning, in batches as they become known. Throws where the recording broke. */
  async *listen(): AsyncGenerator<readonly Frame[], void, void> {
    let heard = 0;
    for (;;) {
      if (heard < this.#frames.length) {
        const batch = this.#frames.slice(heard);
        heard = this.#frames.length;
        yield batch;
      } else if (this.#state === 'recording') {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      } else if (this.#state === 'broken') throw this.#error;
      else return;
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
