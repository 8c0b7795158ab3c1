import type { Party } from './party.ts';

/**
 * Two parties that may hear one another.
 *
 * ```
 * waiting ──a place is free──▶ prepared ──▶ bridged ──▶ over
 *    └──────────────────────────────────────▲
 * ```
 *
 * Prepared, every link is made and held. Waiting is where a caller rings more people than are worth preparing:
 * theirs are made when they answer.
 */
export class Pair {
  readonly #a: Party;
  readonly #b: Party;
  #phase: 'waiting' | 'prepared' | 'bridged' | 'over' = 'waiting';
  #hasVideo: boolean;

  constructor(a: Party, b: Party, options: { readonly video: boolean }) {
    this.#a = a;
    this.#b = b;
    this.#hasVideo = options.video;
    a.pairs.set(b.id, this);
    b.pairs.set(a.id, this);
  }

  get isPrepared(): boolean {
    return this.#phase === 'prepared';
  }

  get isBridged(): boolean {
    return this.#phase === 'bridged';
  }

  /** Holds everything ready, where both have a place left. Said of two who are bridged it changes nothing. */
  prepare(options: { readonly video: boolean }): void {
    if (this.#phase === 'bridged') return;
    this.#hasVideo = options.video;
    this.takePlace();
    this.settle();
  }

  bridge(options: { readonly video: boolean }): void {
    this.#hasVideo = options.video;
    this.#phase = 'bridged';
    this.settle();
  }

  part(): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.settle();
    this.#a.pairs.delete(this.#b.id);
    this.#b.pairs.delete(this.#a.id);
    // A phone that left makes room for one that waits.
    for (const party of [this.#a, this.#b]) {
      for (const pair of party.pairs.values()) {
        if (pair.takePlace()) pair.settle();
      }
    }
  }

  /** Moves from waiting to prepared, where there is a place. */
  takePlace(): boolean {
    if (this.#phase !== 'waiting' || !this.#a.hasPlace() || !this.#b.hasPlace()) return false;
    this.#phase = 'prepared';
    return true;
  }

  /** Brings the links in both directions to what the phase asks for. Does nothing where they are so already. */
  settle(): void {
    this.#oneWay(this.#a, this.#b);
    this.#oneWay(this.#b, this.#a);
    this.#a.look();
    this.#b.look();
  }

  #oneWay(speaker: Party, hearer: Party): void {
    const isWanted = this.#phase === 'prepared' || this.#phase === 'bridged';
    for (const source of speaker.sources.values()) {
      if (isWanted && (source.kind === 'audio' || source.origin === 'screen' || this.#hasVideo)) {
        hearer.listener.listen(source, { mayFlow: this.#phase === 'bridged' });
      } else {
        hearer.listener.stopListening(source);
      }
    }
  }
}
