import type { CallSid } from '@parley/protocol';
import type { World } from '@parley/switchboard';
import type { RingOver, Sleepers, SleepingRing } from './sleepers.ts';

interface Sent {
  readonly identity: string;
  readonly tellOver: (over: RingOver) => void;
  /** Set while nobody is registered under the name: the leg waits, in `initiated`. */
  stopWaiting: (() => void) | undefined;
}

interface AwaitedLegsOptions {
  readonly sleepers: Sleepers;
  readonly world: World;
  /** The leg has waited long enough. */
  readonly onNobody: (leg: CallSid) => void;
}

/**
 * The legs of one call whose person was sent for by push.
 *
 * ```
 *   findDevices ──► sent for ── others are registered ──► rings there; who wakes up joins them (D3)
 *                       └────── nobody is ──► waits ── first device ──► rings there
 *                                               └───── `waitMs` ──────► not registered, as without push
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
    const { sleepers, world, onNobody } = this.#options;
    const { callSid: leg, identity } = ring;
    const tellOver = sleepers.ring(ring);
    if (tellOver === undefined) return false;
    const sent: Sent = { identity, tellOver, stopWaiting: undefined };
    this.#sent.set(leg, sent);
    if (isAnybodyHere) return false;
    sent.stopWaiting = world.wakeAt(world.nowMs() + sleepers.waitMs, () => {
      sent.stopWaiting = undefined;
      onNobody(leg);
    });
    return true;
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
