import type { CallParams, CallSid, EndReason, Party, Standing } from '@parley/protocol';
import { FakeEnds, type LegEnd } from './fake-ends.ts';
import type { FakeLeg } from './fake-leg.ts';
import { FakeTalk, otherSide, type Side } from './fake-talk.ts';
import type { Clock } from './virtual-clock.ts';

export interface FakeCallFacts {
  readonly callSid: CallSid;
  readonly from: string;
  readonly to: string;
  readonly params: CallParams;
  readonly video: boolean;
}

/** The call somebody was taken out of to be handed over, as far as the call knows in which it rings for them. */
export interface HandedOverFrom {
  /** Somebody took the call. */
  answered(): void;
  /** Nobody did: whoever was handed over comes back. */
  failed(legs: readonly FakeLeg[], reason: EndReason): void;
  /** Whoever was handed over has hung up while it rang. */
  left(): void;
}

export interface FakeCallCoreOptions {
  readonly facts: FakeCallFacts;
  readonly clock: Clock;
  readonly comesFrom: HandedOverFrom | null;
  readonly onEnd: () => void;
}

/** Two of whom nobody holds anybody. */
const NOBODY = { held: { local: false, remote: false }, video: false } as const;

/** How a fake call stands: who is in it, what they have settled, and how it ended. Whoever does something to it is beside it. */
export class FakeCallCore {
  readonly facts: FakeCallFacts;
  readonly ends: FakeEnds;
  state: 'ringing' | 'answered' | 'joined' | 'transferring' | 'ended' = 'ringing';
  end: EndReason | null = null;
  talk: FakeTalk | null = null;
  video: boolean;
  /** Where one of the two has gone whom a device has handed over. */
  next: FakeCallCore | null = null;
  readonly #options: FakeCallCoreOptions;
  #said = 0;
  #answeredAtMs: number | null = null;

  constructor(options: FakeCallCoreOptions) {
    const { facts } = options;
    this.#options = options;
    this.facts = facts;
    this.video = facts.video;
    this.ends = new FakeEnds({ identity: facts.from }, { identity: facts.to });
  }

  /** Names a message. */
  newMessageId(): string {
    return `message-${(this.#said += 1)}`;
  }

  /** The gateway itself answers. */
  announce(): void {
    this.state = 'answered';
    this.#answeredAtMs ??= this.#options.clock.nowMs();
    this.ends.tell((callId) => ({ type: 'answered', callId }), 'caller');
  }

  /** Somebody takes the call. @param isSeen whether they show a picture, where the call has any */
  answer(person: Party, isSeen: boolean): void {
    this.ends.take('callee', person);
    this.join(isSeen);
    this.#options.comesFrom?.answered();
  }

  join(isSeen: boolean): void {
    this.state = 'joined';
    this.#answeredAtMs ??= this.#options.clock.nowMs();
    this.talk = new FakeTalk({
      clock: this.#options.clock,
      video: this.video,
      tell: (side, standing, outcome) => {
        const told = { standing, ...(outcome === undefined ? {} : { outcome }) };
        this.ends.tell((callId) => ({ type: 'standing', callId, ...told }), side);
      },
      onVideo: (isOn) => {
        this.video = isOn;
        this.ends.show(isOn);
      },
    });
    this.ends.join({ video: this.video, isSeen });
  }

  /** Whoever is on this side is handed over: they leave, and what comes of it is waited for. */
  handOver(side: Side, next: FakeCallCore): void {
    next.ends.take('caller', this.ends.person(side), this.letGo(side));
    this.state = 'transferring';
    this.next = next;
    const standing: Standing = { ...NOBODY, transferring: true };
    this.#tellParted();
    this.ends.tell((callId) => ({ type: 'standing', callId, standing }));
  }

  /** Takes out whoever is on this side: they are not joined with anybody any more. */
  letGo(side: Side): readonly FakeLeg[] {
    this.#stopTalking();
    this.ends.part();
    const legs = this.ends.letGo(side);
    for (const leg of legs) leg.tell((callId) => ({ type: 'parted', callId }));
    return legs;
  }

  /** Nobody took the call: the two are joined again, unless whoever handed over has hung up meanwhile. */
  takeBack(side: Side, legs: readonly FakeLeg[], reason: EndReason): void {
    const isAlone = this.ends.legs.length === 0;
    this.ends.take(side, this.ends.person(side), legs);
    if (isAlone) return this.endAll('remote-hangup', 'remote');
    this.join(this.video);
    const told = { standing: { ...NOBODY, video: this.video }, outcome: 'transfer-failed', reason } as const;
    this.ends.tell((callId) => ({ type: 'standing', callId, ...told }), otherSide(side));
  }

  /** Ends it, where nobody has taken it yet or two talk. */
  finish(reason: EndReason, by: 'remote' | 'server'): void {
    const { comesFrom } = this.#options;
    if (this.state === 'ringing' && comesFrom !== null) comesFrom.failed(this.ends.letGo('caller'), reason);
    // Whoever is handed over meanwhile is in another call, which is as over as this one.
    if (this.state === 'transferring') this.next?.endAll('cancelled', by);
    // Whoever called is told that the other has left before it is known that no document goes on.
    if (this.state === 'joined' && reason === 'remote-hangup') this.#tellParted('caller');
    this.endAll(reason, by);
  }

  /** Whoever calls, or is at the other end of a device, hangs up. */
  hangUp(): void {
    if (this.state !== 'ringing') return this.finish('remote-hangup', 'remote');
    this.endAll('cancelled', 'remote');
    this.#options.comesFrom?.left();
  }

  endAll(reason: EndReason, by: LegEnd['by']): void {
    for (const leg of this.ends.legs) this.endLeg(leg, reason, by);
    if (this.state === 'ended') return;
    this.#stopTalking();
    this.state = 'ended';
    this.end = reason;
    this.#options.onEnd();
  }

  endLeg(leg: FakeLeg, reason: EndReason, by: LegEnd['by'], elsewhere?: Party): void {
    const answeredAtMs = this.#answeredAtMs;
    const durationMs = answeredAtMs === null ? 0 : this.#options.clock.nowMs() - answeredAtMs;
    this.ends.end(leg, { callSid: this.facts.callSid, reason, by, durationMs, elsewhere });
  }

  #tellParted(side?: Side): void {
    this.ends.tell((callId) => ({ type: 'parted', callId }), side);
  }

  #stopTalking(): void {
    this.talk?.end();
    this.talk = null;
  }
}
