import type { PauseBehavior } from '@parley/switchboard';
import { SLOT_MS } from './opus-packet.ts';

/** From this slot on, until the next. */
interface Stretch {
  readonly from: number;
  readonly how: 'record' | PauseBehavior;
}

/**
 * What becomes of each slot of the time since a recording began, and so where in the file it is.
 *
 * ```
 * record ⇄ silence      (as long, but nobody is heard)
 * record ⇄ skip         (not in the file at all)
 * ```
 */
export class TakeClock {
  readonly #slotsMax: number;
  #stretches: Stretch[] = [{ from: 0, how: 'record' }];
  /** What was cut before the stretches that are still kept. */
  #skippedBefore = 0;

  constructor(options: { readonly maxLengthMs: number }) {
    this.#slotsMax = Math.ceil(options.maxLengthMs / SLOT_MS);
  }

  pause(slot: number, how: PauseBehavior): void {
    this.#change({ from: slot, how });
  }

  resume(slot: number): void {
    this.#change({ from: slot, how: 'record' });
  }

  /** What becomes of this slot. Slots are asked for in order; what is before the last one asked for is forgotten. */
  next(slot: number): Stretch['how'] {
    for (;;) {
      const [first, second] = this.#stretches;
      if (first === undefined) return 'record';
      if (second === undefined || second.from > slot) return first.how;
      if (first.how === 'skip') this.#skippedBefore += second.from - first.from;
      this.#stretches.shift();
    }
  }

  /** What becomes of this slot, wherever it is among those that are kept. */
  at(slot: number): Stretch['how'] {
    return this.#stretches.findLast(({ from }) => from <= slot)?.how ?? 'record';
  }

  /** How many slots are in the file when everything before this one is. */
  recordedBefore(slot: number): number {
    let skipped = this.#skippedBefore;
    for (const [index, { from, how }] of this.#stretches.entries()) {
      const until = this.#stretches[index + 1]?.from ?? Number.POSITIVE_INFINITY;
      if (how === 'skip' && from < slot) skipped += Math.min(until, slot) - from;
    }
    return slot - skipped;
  }

  /** Whether the recording is as long as it may be when everything before this slot is in it. */
  isFull(slot: number): boolean {
    return this.recordedBefore(slot) >= this.#slotsMax;
  }

  get slotsMax(): number {
    return this.#slotsMax;
  }

  #change(stretch: Stretch): void {
    const last = this.#stretches.at(-1);
    if (last?.how === stretch.how) return;
    // Asked for twice within one slot, the latter holds.
    if (last !== undefined && last.from >= stretch.from) this.#stretches.pop();
    this.#stretches.push(this.#stretches.length === 0 ? { ...stretch, from: last?.from ?? 0 } : stretch);
  }
}
