import type { Tape } from './tape.ts';

/** What a cache holds, for a health page. */
export interface TapeCacheCounts {
  readonly tapes: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
}

/** Frames cost more than their bytes: each is an object of its own. */
const OVERHEAD_PER_TAPE_BYTES = 1024;

/**
 * Tapes by what they say, the least recently heard leaving first. One that is still being recorded is shared like any
 * other, so that a hundred calls that ask for one prompt at once have it made once.
 */
export class TapeCache {
  readonly #bytesMax: number;
  /** In the order they were last heard. */
  readonly #tapes = new Map<string, Tape>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax;
  }

  get counts(): TapeCacheCounts {
    return { tapes: this.#tapes.size, bytes: this.#bytes, hits: this.#hits, misses: this.#misses };
  }

  get(key: string): Tape | undefined {
    const tape = this.#tapes.get(key);
    if (tape === undefined || tape.isBroken) {
      this.#misses += 1;
      return undefined;
    }
    this.#hits += 1;
    this.#tapes.delete(key);
    this.#tapes.set(key, tape);
    return tape;
  }

  /** Keeps a tape that is being recorded. Call {@link settled} when it is whole or broken. */
  keep(key: string, tape: Tape): void {
    this.#drop(key);
    this.#tapes.set(key, tape);
  }

  /** Weighs a tape that is finished, and lets go of what there is no room for. */
  settled(key: string, tape: Tape): void {
    if (this.#tapes.get(key) !== tape) return;
    if (tape.isBroken) {
      this.#tapes.delete(key);
      return;
    }
    this.#bytes += weightOf(tape);
    for (const [oldest, old] of this.#tapes) {
      if (this.#bytes <= this.#bytesMax) break;
      // What is being recorded weighs nothing yet, and somebody listens to it.
      if (old.isWhole) this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const tape = this.#tapes.get(key);
    if (tape === undefined) return;
    this.#tapes.delete(key);
    if (tape.isWhole) this.#bytes -= weightOf(tape);
  }
}

function weightOf(tape: Tape): number {
  return tape.bytes + OVERHEAD_PER_TAPE_BYTES;
}
