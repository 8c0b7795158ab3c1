import type { Unnumbered } from '@parley/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallEvents, CallStatus } from '../api.ts';
import type { Call } from '../call.ts';
import type { Device } from '../device.ts';
import type { LifecycleEvent } from '../platform.ts';
import { incoming, OFFER, World } from './world.test.kit.ts';

/** One thing that happens: to the person, at the gateway, on the network, or to the page. */
type Happening =
  | { readonly who: 'person'; readonly does: (typeof DEEDS)[number]; readonly call: number }
  | { readonly who: 'gateway'; readonly says: (typeof NOTICES)[number]; readonly call: number }
  | { readonly who: 'gateway'; readonly answers: 'connect' | 'accept'; readonly isRefused: boolean }
  | { readonly who: 'network'; readonly does: (typeof WEATHER)[number] }
  | { readonly who: 'page'; readonly event: LifecycleEvent }
  | { readonly who: 'time'; readonly passesMs: number };

const DEEDS = ['connect', 'accept', 'reject', 'ignore', 'hang up', 'mute', 'unmute'] as const;
const NOTICES = [
  ...['incoming', 'ringing', 'answered', 'screening', 'joined', 'parted'],
  ...['ended', 'mediaReset'],
] as const satisfies readonly string[];
const WEATHER = [
  ...['drop', 'restart', 'silence', 'sound', 'dark', 'light'],
  ...['connected', 'disconnected', 'failed'],
] as const satisfies readonly string[];
const LIFE = ['suspend', 'freeze', 'resume', 'wake', 'online', 'offline'] as const;

const anything: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ who: fc.constant('person' as const), does: fc.constantFrom(...DEEDS), call: fc.nat(2) }),
  fc.record({ who: fc.constant('gateway' as const), says: fc.constantFrom(...NOTICES), call: fc.nat(2) }),
  fc.record({
    who: fc.constant('gateway' as const),
    answers: fc.constantFrom('connect' as const, 'accept' as const),
    isRefused: fc.boolean(),
  }),
  fc.record({ who: fc.constant('network' as const), does: fc.constantFrom(...WEATHER) }),
  fc.record({ who: fc.constant('page' as const), event: fc.constantFrom(...LIFE) }),
  fc.record({ who: fc.constant('time' as const), passesMs: fc.nat(20_000) }),
);

/** From where to where a call may go, as its documentation says. It may end from anywhere, once. */
const WAYS: Readonly<Record<CallStatus, readonly CallStatus[]>> = {
  pending: ['connecting', 'open', 'reconnecting', 'closed'],
  connecting: ['ringing', 'open', 'reconnecting', 'closed'],
  ringing: ['open', 'reconnecting', 'closed'],
  open: ['reconnecting', 'connecting', 'closed'],
  reconnecting: ['open', 'connecting', 'closed'],
  closed: [],
};

/** Everything one call has told, and whether it was right to. */
class Witness {
  readonly call: Call;
  readonly faults: string[] = [];
  ends = 0;
  settled = 0;
  #status: CallStatus;
  #isInTrouble = false;

  constructor(call: Call) {
    this.call = call;
    this.#status = call.status();
    call.store.subscribe(() => this.#moved());
    void call.ended.then(() => (this.settled += 1));
    const names: (keyof CallEvents)[] = ['ringing', 'screening', 'answered', 'accept', 'parted'];
    names.push('mute', 'muteVideo', 'mediaChanged', 'digits', 'cancel', 'reject', 'error');
    for (const name of names) call.on(name, () => this.#told(name));
    call.on('reconnecting', () => this.#trouble(true));
    call.on('reconnected', () => this.#trouble(false));
    call.on('disconnect', () => {
      this.#told('disconnect');
      this.ends += 1;
    });
  }

  #moved(): void {
    const next = this.call.status();
    if (next !== this.#status && !WAYS[this.#status].includes(next))
      this.faults.push(`from ${this.#status} to ${next}`);
    this.#status = next;
  }

  #told(name: string): void {
    if (this.ends > 0) this.faults.push(`${name} after disconnect`);
  }

  #trouble(isIn: boolean): void {
    this.#told(isIn ? 'reconnecting' : 'reconnected');
    if (this.#isInTrouble === isIn)
      this.faults.push(`told twice that it is${isIn ? '' : ' not'} reconnecting`);
    this.#isInTrouble = isIn;
  }
}

class Play {
  readonly world = new World();
  readonly device: Device = this.world.device();
  readonly witnesses: Witness[] = [];
  #calls = 0;

  async begin(): Promise<void> {
    this.device.store.subscribe(() => {
      for (const call of this.device.calls)
        if (!this.witnesses.some((witness) => witness.call === call)) this.witnesses.push(new Witness(call));
    });
    await Promise.all([this.device.register(), this.world.settle()]);
  }

  async act(happening: Happening): Promise<void> {
    switch (happening.who) {
      case 'person':
        this.#do(happening.does, this.#callAt(happening.call));
        break;
      case 'gateway':
        if ('says' in happening) this.#say(happening.says, this.#callAt(happening.call));
        else this.#answer(happening.answers, happening.isRefused);
        break;
      case 'network':
        this.#weather(happening.does);
        break;
      case 'page':
        this.world.lifecycle(happening.event);
        break;
      case 'time':
        await this.world.pass(happening.passesMs);
        break;
    }
    await this.world.settle();
  }

  #callAt(index: number): Call | undefined {
    return this.witnesses.at(-1 - index)?.call;
  }

  #do(deed: (typeof DEEDS)[number], call: Call | undefined): void {
    if (deed === 'connect') void this.device.connect({ to: 'bob' }).catch(() => undefined);
    if (call === undefined) return;
    if (deed === 'accept') void call.accept().catch(() => undefined);
    if (deed === 'reject') call.reject();
    if (deed === 'ignore') call.ignore();
    if (deed === 'hang up') void call.disconnect();
    if (deed === 'mute' || deed === 'unmute') call.mute(deed === 'mute');
  }

  #say(type: (typeof NOTICES)[number], call: Call | undefined): void {
    if (type === 'incoming') {
      this.#calls += 1;
      this.world.gateway.notify(incoming(undefined, `incoming-${this.#calls}`));
    } else if (call !== undefined) {
      const facts = { other: { identity: 'bob' }, video: false, offer: OFFER, hasMedia: false };
      const end = { reason: 'remote-hangup', by: 'remote', durationMs: 1 };
      this.world.gateway.notify({ type, callId: call.callId, ...facts, ...end } as unknown as Unnumbered);
    }
  }

  #answer(type: 'connect' | 'accept', isRefused: boolean): void {
    const { gateway } = this.world;
    if (gateway.all(type).length === 0) return;
    if (isRefused) gateway.refuse(type, 'wrong-state');
    else gateway.reply(type, { callSid: `CA${'0'.repeat(32)}` as never, media: OFFER });
  }

  #weather(does: (typeof WEATHER)[number]): void {
    const { gateway, transports } = this.world;
    switch (does) {
      case 'drop':
        gateway.drop();
        break;
      case 'restart':
        gateway.greeting = { resumed: false, sessionId: 'session-2' as never };
        gateway.drop();
        break;
      case 'silence':
      case 'sound':
        gateway.isAnswering = does === 'sound';
        break;
      case 'dark':
      case 'light':
        gateway.isReachable = does === 'light';
        break;
      case 'connected':
      case 'disconnected':
      case 'failed':
        for (const { options, isClosed } of transports) if (!isClosed) options.onState(does);
        break;
    }
  }
}

/** Two offers for one call while its engine is being loaded: only the newer may be opened. Found by chance, and kept. */
const RESET_BEFORE_THE_ANSWER: Happening[] = [
  { who: 'person', does: 'connect', call: 0 },
  { who: 'gateway', says: 'mediaReset', call: 0 },
  { who: 'page', event: 'resume' },
  { who: 'gateway', answers: 'connect', isRefused: false },
  { who: 'gateway', says: 'incoming', call: 0 },
  { who: 'network', does: 'drop' },
  { who: 'person', does: 'connect', call: 0 },
];

describe('whatever happens, in whatever order', () => {
  it('[RY50] a call goes only where it may, ends exactly once, and says nothing afterwards; nothing is left open', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { minLength: 5, maxLength: 30 }), async (script) => {
        const play = new Play();
        await play.begin();
        for (const happening of script) await play.act(happening);
        await play.device.destroy();
        await play.world.pass(60_000);
        for (const { faults, ends, settled } of play.witnesses)
          expect({ faults, ends, settled }).toEqual({ faults: [], ends: 1, settled: 1 });
        expect(play.device.calls).toEqual([]);
        expect(play.world.open).toEqual([]);
        expect(play.world.transports.every(({ isClosed }) => isClosed)).toBe(true);
      }),
      { numRuns: 120, examples: [[RESET_BEFORE_THE_ANSWER]] },
    );
  }, 60_000);
});
