import { SLOT_MS, SLOT_TICKS } from './opus-packet.ts';
import { Unwrapper } from './rtp.ts';

/** A packet so much later than its turn has missed it; which is how long every turn is waited for. */
export const WAIT_SLOTS = 15;
const WAIT_MS = WAIT_SLOTS * SLOT_MS;
/** No path delivers earlier than it did before by more than its jitter: the sender's clock has jumped. */
const EARLY_MS = 100;
/** So long packets that came too late are watched before it is said why. */
const JUDGED_MS = 60;
const JUDGED_TOLERANCE_MS = 40;
/** How often it is looked whether two clocks have drifted apart; the first time sooner, to mend the beginning. */
const FIRST_LOOK_MS = 1000;
const LOOK_EVERY_MS = 5000;
const BEHIND_MS = 30;
const AHEAD_MS = -20;

/** This timestamp is in this slot. */
export interface Anchor {
  readonly ticks: number;
  readonly slot: number;
}

/**
 * Where in the recording the packets of one sender belong: what it says about its clock, held against ours.
 *
 * The sender's timestamps decide about packets that follow one another, so that jitter, loss and reordering move nothing.
 * Our clock decides where they begin, and again when the two no longer agree: after a pause in which the sender's clock
 * stood still, after a jump, and slowly as they drift.
 */
export class StreamTimeline {
  readonly #unwrapper = new Unwrapper(32);
  #anchor: Anchor | undefined;
  /** When those arrived that came too late, as long as it is not decided why. */
  #late: number[] = [];
  #lookAtMs = 0;
  #leastDelayMs = Number.POSITIVE_INFINITY;

  /**
   * The slot of a packet; undefined for one that came too late. Times are since the beginning of the recording.
   */
  place(timestamp: number, arrivedAtMs: number): number | undefined {
    const ticks = this.#unwrapper.unwrap(timestamp);
    const anchor = this.#anchor ?? this.#anchorAt(ticks, arrivedAtMs);
    const slot = slotOf(anchor, ticks);
    const delayMs = arrivedAtMs - slot * SLOT_MS;
    if (delayMs < -EARLY_MS) return this.#anchorAt(ticks, arrivedAtMs).slot;
    if (delayMs > WAIT_MS) return this.#judge(ticks, arrivedAtMs);
    this.#late = [];
    this.#look(delayMs, arrivedAtMs);
    return slot;
  }

  /** The next packet begins anew: its sender was muted, and its clock may have stood still. */
  restart(): void {
    this.#anchor = undefined;
    this.#late = [];
  }

  /** What the places are counted from; another object whenever it changes. Undefined before the first packet. */
  get anchor(): Anchor | undefined {
    return this.#anchor;
  }

  /** This timestamp, on the scale of the anchor's. */
  near(timestamp: number): number {
    return this.#unwrapper.near(timestamp);
  }

  #anchorAt(ticks: number, arrivedAtMs: number): Anchor {
    this.#anchor = { ticks, slot: Math.floor(arrivedAtMs / SLOT_MS) };
    this.#late = [];
    this.#leastDelayMs = Number.POSITIVE_INFINITY;
    this.#lookAtMs = arrivedAtMs + FIRST_LOOK_MS;
    return this.#anchor;
  }

  /**
   * Late ones that come all at once were held up on their way, and are over. Late ones that come at the pace of speech
   * are from a sender whose clock stood still.
   */
  #judge(ticks: number, arrivedAtMs: number): number | undefined {
    this.#late.push(arrivedAtMs);
    const [firstMs = arrivedAtMs] = this.#late;
    const spanMs = arrivedAtMs - firstMs;
    if (spanMs < JUDGED_MS) return undefined;
    const isPaced = this.#late.length * SLOT_MS <= spanMs + JUDGED_TOLERANCE_MS;
    if (isPaced) return this.#anchorAt(ticks, arrivedAtMs).slot;
    this.#late.shift();
    return undefined;
  }

  /** The least delay of a while is the path's own; where it has moved, the clocks have. */
  #look(delayMs: number, arrivedAtMs: number): void {
    this.#leastDelayMs = Math.min(this.#leastDelayMs, delayMs);
    if (arrivedAtMs < this.#lookAtMs) return;
    const driftMs = this.#leastDelayMs;
    this.#leastDelayMs = Number.POSITIVE_INFINITY;
    this.#lookAtMs = arrivedAtMs + LOOK_EVERY_MS;
    if (this.#anchor === undefined || (driftMs < BEHIND_MS && driftMs > AHEAD_MS)) return;
    const { ticks, slot } = this.#anchor;
    this.#anchor = { ticks, slot: slot + Math.floor(driftMs / SLOT_MS) };
  }
}

function slotOf(anchor: Anchor, ticks: number): number {
  return anchor.slot + Math.floor((ticks - anchor.ticks) / SLOT_TICKS);
}
