import type { CallSid } from '@parley/protocol';
import type { World } from '@parley/switchboard';
import type { RingOver, Sleepers, SleepingRing } from './sleepers.ts';

interface Sent {
  readonly identity: string;
  readonly tellOver: (over: RingOver) => void;
  hasDeclined: boolean;
  /** Set while nobody is registered under the name: the leg waits, in `initiated`. */
  stopWaiting: (() => void) | undefined;
}

interface AwaitedLegsOptions {
  readonly sleepers: Sleepers;
  readonly world: World;
  /** The leg waits no longer for anybody: it has waited long enough, or every device that was reached has declined. */
  readonly onNobody: (leg: CallSid, why: { readonly hasDeclined: boolean }) => void;
}

/**
 * The legs of one call whose person was sent for by push.
 *
 * ```
 *   findDevices ──► sent for ── others are registered ──► rings there; who wakes up joins them (D3)
 *                       └────── nobody is ──► waits ── first device ──► rings there
 *                                               ├───── all decline ───► refused, as by the last device that rang (D2)
 *                                               └───── `waitMs` ──────► refused where anybody has declined; otherwise
 *                                                                       not registered, as without push
 * ```
 *
 * To the machine a wait is a look at the registry that takes its time.
 */
export class AwaitedLegs {
  readonly #options: AwaitedLegsOptions;
  readonly #sent = new Map<CallSid, Sent>();

  constructor(options: AwaitedLegsOptions) {
    this.#options = options;
  }

  /** Sends for whoever sleeps. Returns whether the leg is to wait for them. */
  sendFor(ring: SleepingRing, { isAnybodyHere }: { readonly isAnybodyHere: boolean }): boolean {
    const { sleepers, world } = this.#options;
    const { callSid: leg, identity } = ring;
    const tellOver = sleepers.ring(ring, ({ isLast }) => this.#declined(leg, isLast));
    if (tellOver === undefined) return false;
    const sent: Sent = { identity, tellOver, hasDeclined: false, stopWaiting: undefined };
    this.#sent.set(leg, sent);
    if (isAnybodyHere) return false;
    sent.stopWaiting = world.wakeAt(world.nowMs() + sleepers.waitMs, () => this.#nobody(leg, sent));
    return true;
  }

  /** One device refuses, and decides nothing for those that ring or may still come. */
  #declined(leg: CallSid, isLast: boolean): void {
    const sent = this.#sent.get(leg);
    if (sent === undefined) return;
    sent.hasDeclined = true;
    // Where somebody rings, the leg knows whether anybody could hear of it.
    if (isLast) this.#nobody(leg, sent);
  }

  #nobody(leg: CallSid, { hasDeclined }: Sent): void {
    this.found(leg);
    this.#options.onNobody(leg, { hasDeclined });
  }

  /** The legs that wait for somebody of this name. */
  waitingFor(identity: string): readonly CallSid[] {
    return Array.from(this.#sent)
      .filter(([, sent]) => sent.identity === identity && sent.stopWaiting !== undefined)
      .map(([leg]) => leg);
  }

  /** Somebody is here: the leg waits no longer. */
  found(leg: CallSid): void {
    const sent = this.#sent.get(leg);
    sent?.stopWaiting?.();
    if (sent !== undefined) sent.stopWaiting = undefined;
  }

  /** The leg rings no more. */
  over(leg: CallSid, over: RingOver): void {
    this.found(leg);
    this.#sent.get(leg)?.tellOver(over);
    this.#sent.delete(leg);
  }

  close(): void {
    for (const leg of Array.from(this.#sent.keys())) this.over(leg, 'missed');
  }
}
