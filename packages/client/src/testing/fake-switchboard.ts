import type {
  CallId,
  CallParams,
  CallSid,
  ClientMessage,
  ClientMessageOf,
  ClientRequest,
  ReplyData,
  WireErrorName,
} from '@parley/protocol';
import { FakeCall } from './fake-call.ts';
import type { FakeCallFacts, HandedOverFrom } from './fake-call-core.ts';
import type { PlaceNext } from './fake-call-devices.ts';
import { FakeLeg } from './fake-leg.ts';
import { FAKE_ICE, fakeOffer } from './fake-offer.ts';
import type { FakeSession } from './fake-session.ts';
import { soon, type Clock } from './virtual-clock.ts';

/** What a device asks of a call, or of a line to itself. */
type CallRequest = Extract<ClientRequest, { callId: CallId }>;

const SOUND = { audio: true, video: false };
/** How long somebody rings to whom a call is handed over. */
const TRANSFER_MS = 30_000;
/** Of how many calls that are over it can still be said what people thought of them. */
const PAST_MAX = 16;

export interface FakeSwitchboardOptions {
  readonly clock: Clock;
  /** Devices that would ring for this name now. */
  readonly ringing: (identity: string) => readonly FakeSession[];
  /** What the next `connect` is refused with. */
  readonly refuseCalls: () => WireErrorName | null;
  readonly refusesTransfers: () => boolean;
}

/** The calls of a fake gateway: who rings for whom, and what devices ask of them. */
export class FakeSwitchboard {
  readonly #options: FakeSwitchboardOptions;
  #calls: readonly FakeCall[] = [];
  #past: readonly FakeCall[] = [];
  /** Calls that devices have placed and nobody has asked for yet, and who asks for the next. */
  readonly #placed: FakeCall[] = [];
  readonly #askers: ((call: FakeCall) => void)[] = [];
  /** Lines on which devices hear themselves. */
  readonly #lines = new Map<CallId, FakeLeg>();
  #made = 0;

  constructor(options: FakeSwitchboardOptions) {
    this.#options = options;
  }

  /** Calls that are not over, oldest first. */
  get calls(): readonly FakeCall[] {
    return this.#calls;
  }

  forgetCalls(): void {
    this.#calls = [];
    this.#lines.clear();
  }

  call(facts: Omit<FakeCallFacts, 'callSid'>): FakeCall {
    const call = this.#newCall(facts);
    if (!this.#ringAll(call)) call.finish('not-registered', 'server');
    return call;
  }

  nextCall(): Promise<FakeCall> {
    const waiting = this.#placed.shift();
    if (waiting !== undefined) return Promise.resolve(waiting);
    return new Promise((resolve) => this.#askers.push(resolve));
  }

  callOf(session: FakeSession, callId?: CallId): FakeCall | undefined {
    return this.#calls.find(({ devices }) => devices.legOf(session, callId) !== undefined);
  }

  /** A device that registers while its name rings, rings too. */
  ringFor(session: FakeSession): void {
    for (const call of this.#calls)
      if (call.to === session.identity && call.state === 'ringing' && call.from !== session.identity)
        call.devices.ringAt(session, this.#newCallId());
  }

  /** A device has left on purpose, or was away for too long. */
  gone(session: FakeSession): void {
    for (const { devices } of this.#calls) {
      const callId = devices.legOf(session);
      if (callId !== undefined) devices.leave(session, callId);
    }
  }

  /** Hears what is no request. */
  hear(session: FakeSession, message: ClientMessage): void {
    if (message.type === 'alerting') this.callOf(session, message.callId)?.ring();
    if (message.type !== 'produce' && message.type !== 'producerMuted') return;
    this.callOf(session, message.callId)?.devices.produce(session, message);
    // What goes up on a line with oneself comes back.
    if (message.type === 'produce') this.#lines.get(message.callId)?.receive(message.kind);
  }

  /** What a request leads to; the name of an error where it is refused. */
  carryOut(session: FakeSession, request: CallRequest): ReplyData | WireErrorName {
    const { callId } = request;
    switch (request.type) {
      case 'connect':
        return this.#connect(session, request);
      case 'loopback':
        this.#lines.set(callId, new FakeLeg(session, callId, 'caller', SOUND));
        return { media: fakeOffer(callId) };
      case 'feedback':
        return this.#feedback(request);
      default:
        if (request.type === 'hangup' && this.#lines.delete(callId)) return {};
        return this.#carryOutInCall(session, request);
    }
  }

  #carryOutInCall(
    session: FakeSession,
    request: Exclude<CallRequest, { type: 'connect' | 'loopback' | 'feedback' }>,
  ): ReplyData | WireErrorName {
    const { callId } = request;
    const call = this.callOf(session, callId);
    if (call === undefined) return 'unknown-call';
    const { devices } = call;
    switch (request.type) {
      case 'accept':
        return devices.accept(session, callId, request.media) ? {} : 'wrong-state';
      case 'reject':
        devices.reject(session, callId, request.everywhere, request.why ?? 'declined');
        return {};
      case 'hangup':
        devices.leave(session, callId);
        return {};
      case 'digits':
        devices.press(session, request.digits);
        return {};
      case 'hold':
        return devices.ask(session, request) ? {} : 'hold-refused';
      case 'video':
      case 'videoAnswer':
        return devices.ask(session, request) ? {} : 'video-refused';
      case 'transfer':
        return this.#transfer(session, call, request);
      case 'merge':
        return this.#merge(session, call, request);
      case 'message': {
        if (call.state !== 'joined') return 'wrong-state';
        const { content, contentType, messageType } = request;
        return { messageId: devices.send(session, { content, contentType, messageType }) };
      }
      case 'restartIce':
        return { ice: { send: FAKE_ICE, recv: FAKE_ICE } };
      case 'mediaFlow':
        return { flow: { send: 0, recv: 0 } };
      case 'renewMedia':
        return { media: fakeOffer(`${callId}-${(this.#made += 1)}`) };
    }
  }

  #connect(session: FakeSession, request: ClientMessageOf<'connect'>): ReplyData | WireErrorName {
    const refused = this.#options.refuseCalls();
    if (refused !== null) return refused;
    const { callId, params, media } = request;
    const to = (params['To'] ?? '').replace(/^client:/, '');
    const call = this.#newCall({ from: session.identity, to, params, video: media.video });
    call.devices.placedBy(session, callId, media);
    // The reply comes first, as from a gateway that has to look around.
    soon(() => {
      if (!this.#ringAll(call, session)) this.#offer(call);
    });
    return { callSid: call.callSid, media: fakeOffer(callId) };
  }

  /** The other end rings somebody; the device waits for what comes of it. */
  #transfer(
    session: FakeSession,
    call: FakeCall,
    { to, params = {} }: ClientMessageOf<'transfer'>,
  ): ReplyData | WireErrorName {
    const place: PlaceNext<'from' | 'video'> = (facts, from) => this.#newCall({ to, params, ...facts }, from);
    if (this.#options.refusesTransfers() || !call.devices.handOver(session, place)) return 'transfer-refused';
    const next = call.handedOver;
    this.#options.clock.setTimer(() => {
      if (next?.state === 'ringing') next.reject('no-answer');
    }, TRANSFER_MS);
    soon(() => {
      if (next?.state === 'ringing' && !this.#ringAll(next)) this.#offer(next);
    });
    return {};
  }

  /** The other ends of two calls of a device talk with one another; the device is out of both. */
  #merge(
    session: FakeSession,
    call: FakeCall,
    { with: otherId }: ClientMessageOf<'merge'>,
  ): ReplyData | WireErrorName {
    const other = this.callOf(session, otherId);
    if (other === undefined) return 'unknown-call';
    const place: PlaceNext<'from' | 'to' | 'video'> = (facts) => this.#newCall({ params: {}, ...facts });
    const isMerged = !this.#options.refusesTransfers() && call.devices.merge(session, other.devices, place);
    return isMerged ? {} : 'transfer-refused';
  }

  #feedback({ callId, score, issue }: ClientMessageOf<'feedback'>): ReplyData | WireErrorName {
    const call = [...this.#past, ...this.#calls].find(({ devices }) => devices.knew(callId));
    if (call === undefined) return 'unknown-call';
    call.devices.feedback = { score, issue: issue ?? null };
    return {};
  }

  /** A call to somebody who is played by the test. */
  #offer(call: FakeCall): void {
    const asker = this.#askers.shift();
    if (asker === undefined) this.#placed.push(call);
    else asker(call);
  }

  #ringAll(call: FakeCall, except?: FakeSession): boolean {
    const sessions = this.#options.ringing(call.to).filter((session) => session !== except);
    for (const session of sessions) call.devices.ringAt(session, this.#newCallId());
    return sessions.length > 0;
  }

  #newCall(facts: Omit<FakeCallFacts, 'callSid'>, comesFrom: HandedOverFrom | null = null): FakeCall {
    const forget = (over: FakeCall): void => {
      this.#calls = this.#calls.filter((other) => other !== over);
      this.#past = [...this.#past, over].slice(-PAST_MAX);
    };
    const params: CallParams = { ...facts.params };
    const call = new FakeCall(
      { callSid: this.#newSid(), ...facts, params },
      this.#options.clock,
      forget,
      comesFrom,
    );
    this.#calls = [...this.#calls, call];
    return call;
  }

  #newSid(): CallSid {
    this.#made += 1;
    return `CA${this.#made.toString(16).padStart(32, '0')}` as CallSid;
  }

  #newCallId(): CallId {
    this.#made += 1;
    return `incoming-${this.#made}` as CallId;
  }
}
