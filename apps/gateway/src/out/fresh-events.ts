import type { OutboxRecord } from '../store/outbox-table.ts';

/** Streams that are told apart; beyond it the table is asked. */
const STREAMS_MAX = 10_000;
/** Events that are held until they are taken; beyond it they are read again. */
const HELD_MAX = 1000;

/**
 * What is known of the table of events without asking it, which is all there is to know while servers take what they are
 * told: an event goes out a moment after it was written, and little waits behind it.
 *
 * ```
 * following ──an event that was not seen, too many streams, a failure──▶ lost ──nothing waits any more──▶ following
 * ```
 *
 * While it is lost, whoever asks is sent to the table.
 */
export class FreshEvents {
  /** How many events of a stream wait, whichever server they go to. */
  readonly #waiting = new Map<string, number>();
  /** All that wait in a stream, in order, as they were written; or nothing of it. */
  readonly #held = new Map<string, OutboxRecord[]>();
  #heldCount = 0;
  #isFollowing: boolean;

  constructor(options: { readonly isTableEmpty: boolean }) {
    this.#isFollowing = options.isTableEmpty;
  }

  /** An event is in the table from now on. */
  written(event: OutboxRecord): void {
    if (!this.#isFollowing) return;
    const { stream } = event;
    const before = this.#waiting.get(stream) ?? 0;
    if (before === 0) {
      if (this.#waiting.size >= STREAMS_MAX) return this.lose();
      this.#held.set(stream, []);
    }
    this.#waiting.set(stream, before + 1);
    const held = this.#held.get(stream);
    if (held === undefined) return;
    if (this.#heldCount >= HELD_MAX) return this.#letGo(stream);
    held.push(event);
    this.#heldCount += 1;
  }

  /** The event of the stream that is to be tried now; 'none' where none waits, 'ask' where only the table knows. */
  next(stream: string): OutboxRecord | 'none' | 'ask' {
    if (!this.#isFollowing) return 'ask';
    if (!this.#waiting.has(stream)) return 'none';
    return this.#held.get(stream)?.[0] ?? 'ask';
  }

  /** The first event of the stream was not taken. The table counts its attempts, and holds it for as long as it takes. */
  failed(stream: string): void {
    this.#letGo(stream);
  }

  /** The first event of the stream was taken or given up; `left` wait in all streams together. */
  finished(stream: string, left: number): void {
    if (left === 0) {
      this.lose();
      this.#isFollowing = true;
      return;
    }
    const waiting = this.#waiting.get(stream);
    if (waiting === undefined) return;
    if (waiting === 1) {
      this.#waiting.delete(stream);
      this.#letGo(stream);
      return;
    }
    this.#waiting.set(stream, waiting - 1);
    if (this.#held.get(stream)?.shift() !== undefined) this.#heldCount -= 1;
  }

  /** The table holds what was not seen here, or may. */
  lose(): void {
    this.#isFollowing = false;
    this.#waiting.clear();
    this.#held.clear();
    this.#heldCount = 0;
  }

  #letGo(stream: string): void {
    this.#heldCount -= this.#held.get(stream)?.length ?? 0;
    this.#held.delete(stream);
  }
}
