import type { ClientMessage, ServerMessageOf } from '@parley/protocol';
import type { DeviceOptions, DeviceSnapshot } from '../api.ts';
import type { CallEnd } from '../core/call-end.ts';
import type { ClientError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Store } from '../store.ts';
import type { CallRunner } from './call-runner.ts';
import type { SignalingNews } from './media-path.ts';
import { isAnyTalking, Ringer } from './ringer.ts';

/** The calls of a device that are not over: whether it is busy, what rings, and what is to be heard and is not. */
export class Calls {
  readonly #store: Store<DeviceSnapshot>;
  readonly ringer: Ringer;
  readonly #runners = new Map<string, CallRunner>();
  /** Who should be heard and is not: the other side of a call, or this device's own ringing. */
  readonly #blocked = new Set<CallRunner | 'ringing'>();
  /** Calls the gateway did not know at the last resume, and the notification after which that is final. */
  #missing: { readonly afterSeq: number; readonly runners: readonly CallRunner[] } | null = null;

  /** Whether one page of many rings for all of them. */
  readonly #isLed: boolean;

  constructor(store: Store<DeviceSnapshot>, platform: Platform, options: DeviceOptions) {
    this.#store = store;
    this.#isLed = (options.multiTab ?? 'leader') === 'leader';
    this.ringer = new Ringer(platform, options, (isBlocked) => this.blockedChanged('ringing', isBlocked));
  }

  get size(): number {
    return this.#runners.size;
  }

  get all(): readonly CallRunner[] {
    return [...this.#runners.values()];
  }

  get(callId: string): CallRunner | undefined {
    return this.#runners.get(callId);
  }

  add(runner: CallRunner): void {
    this.#runners.set(runner.callId, runner);
    this.changed();
  }

  over(runner: CallRunner, end: CallEnd): void {
    this.#runners.delete(runner.callId);
    this.#blocked.delete(runner);
    this.changed();
    this.ringer.ended(end, runner.state);
  }

  /** Something about one of them is different. */
  changed(): void {
    const runners = this.all;
    const before = this.#store.getSnapshot().calls;
    const calls = runners.map((runner) => runner.call);
    const isSame = calls.length === before.length && calls.every((call, index) => call === before[index]);
    this.#store.update({
      calls: isSame ? before : Object.freeze(calls),
      isBusy: runners.some(({ call }) => call.status() !== 'pending' && call.status() !== 'closed'),
      playback: this.#playback(),
    });
    const mayRing = !this.#isLed || this.#store.getSnapshot().isLeaderTab;
    const states = runners.map((runner) => runner.state);
    this.ringer.update(states, mayRing);
    const isTalking = isAnyTalking(states);
    for (const runner of runners) runner.wait(isTalking);
  }

  blockedChanged(who: CallRunner | 'ringing', isBlocked: boolean): void {
    if (isBlocked) this.#blocked.add(who);
    else this.#blocked.delete(who);
    this.#store.update({ playback: this.#playback() });
  }

  #playback(): DeviceSnapshot['playback'] {
    const before = this.#store.getSnapshot().playback;
    const blocked = this.#blocked.size > 0;
    return before.blocked === blocked ? before : Object.freeze({ blocked });
  }

  async unlock(): Promise<boolean> {
    const runners = this.all;
    const results = await Promise.all([this.ringer.unlock(), ...runners.map((runner) => runner.unlock())]);
    return results.every(Boolean);
  }

  signaling(news: SignalingNews): void {
    for (const runner of this.all) runner.signaling(news);
  }

  /** After a resume: calls of ours that the gateway did not name. */
  lookForMissing({ calls, lastSeq }: ServerMessageOf<'welcome'>, heardSeq: number): void {
    const isMissing = (runner: CallRunner): boolean =>
      runner.state.callSid !== '' && !calls.some(({ callId }) => callId === runner.callId);
    this.#missing = { afterSeq: lastSeq, runners: this.all.filter(isMissing) };
    this.endMissing(heardSeq);
  }

  /** What was replayed has said how most of them ended; nobody will say it of the others. */
  endMissing(heardSeq: number): void {
    if (this.#missing === null || heardSeq < this.#missing.afterSeq) return;
    const { runners } = this.#missing;
    this.#missing = null;
    for (const runner of runners) runner.feed({ type: 'sessionLost', reason: 'network' });
  }

  /** The session is gone, and the calls it carried with it. One that was never sent will be, with the next session. */
  sessionLost(
    unanswered: readonly ClientMessage[],
    reason: CallEnd['reason'],
    error: ClientError | undefined,
  ): void {
    const isUnanswered = (runner: CallRunner): boolean =>
      unanswered.some((message) => message.type === 'connect' && message.callId === runner.callId);
    for (const runner of this.all) {
      if (runner.state.callSid !== '' || isUnanswered(runner))
        runner.feed({ type: 'sessionLost', reason, error });
    }
  }

  hangUp(): void {
    for (const runner of this.all) runner.feed({ type: 'hangup' });
  }

  close(): void {
    this.ringer.close();
  }
}
