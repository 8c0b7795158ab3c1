import { Unwrapper } from './rtp.ts';

/** So far behind the newest, nothing that is missing is waited for any more. */
const WAITED_FOR = 512;
/** A sender that skips more than this has begun anew, and nobody knows what of. */
const SKIP_MAX = 3000;

/**
 * Counts the packets of one sender that never came, by their sequence numbers (RFC 3550 §6.4.1). A packet is lost when it
 * is given up, not when it is late: what comes out of order, or twice, is not counted.
 */
export class LossCount {
  readonly #sequences = new Unwrapper(16);
  readonly #missing = new Set<number>();
  #next: number | undefined;

  /** A packet has come. Answers how many have been given up since the one before. */
  take(wrapped: number): number {
    const sequence = this.#sequences.unwrap(wrapped);
    const next = this.#next ?? sequence;
    if (sequence < next) {
      this.#missing.delete(sequence);
      return 0;
    }
    this.#next = sequence + 1;
    if (sequence - next > SKIP_MAX) return this.finish();
    for (let missing = next; missing < sequence; missing += 1) this.#missing.add(missing);
    return this.#giveUp(sequence - WAITED_FOR);
  }

  /** Nothing more comes. Answers how many were still waited for. */
  finish(): number {
    const lost = this.#missing.size;
    this.#missing.clear();
    return lost;
  }

  #giveUp(before: number): number {
    let lost = 0;
    // They were added in order, so the first that is waited for ends it.
    for (const sequence of this.#missing) {
      if (sequence >= before) break;
      this.#missing.delete(sequence);
      lost += 1;
    }
    return lost;
  }
}
