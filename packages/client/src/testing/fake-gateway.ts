import type { ClientMessage, ClientMessageOf, ClientRequest, ReplyData, SessionId } from '@parley/protocol';
import { wireError, type WireErrorName } from '@parley/protocol';
import type { PlatformSocket, SocketHandlers } from '../platform.ts';
import * as callParts from '../shell/call-parts.ts';
import { ADVICE } from '../error-advice.ts';
import { takeAdvice } from '../errors.ts';
import { keepCallParts } from '../shell/late-media.ts';
// Whatever a page would load later is here from the start as well: `settle` waits for no file.
import '../shell/call-observer.ts';
import '../shell/call-stats.ts';
import '../shell/device-parts.ts';
import '../shell/mid-call.ts';
import '../shell/page-part.ts';
import type { FakeCall } from './fake-call.ts';
import { FakePage } from './fake-page.ts';
import { CODES, deliver, FakeSession, readClientFrame } from './fake-session.ts';
import { FakeSwitchboard } from './fake-switchboard.ts';
import { settle, soon, VirtualClock, type Clock } from './virtual-clock.ts';

/** How a fake gateway behaves. */
export interface FakeGatewayOptions {
  /** Where time comes from. Default: a {@link VirtualClock} of its own, which stands still until it is told otherwise. */
  readonly clock?: Clock;
  /** Who a token names. Default: the `identity` grant of a Twilio-shaped token, its `sub`, or the text itself. */
  readonly identityOf?: (token: string) => string;
}

/** A call that comes in from somebody who is no device here. */
export interface FakeIncoming {
  readonly to: string;
  readonly from: string;
  readonly video?: boolean;
  readonly params?: Readonly<Record<string, string>>;
}

const GRACE_MS = 30_000;
const HEARTBEAT_MS = 10_000;

/**
 * A gateway in memory, for tests of what is built on this SDK. It speaks the real wire, frame by frame, with as many
 * devices as there are; people who have no device are played by the test.
 *
 * ```ts
 * const gateway = new FakeGateway();
 * const device = new Device('jenny', { platform: gateway.page().platform });
 * await device.register();
 * const alice = gateway.call({ from: 'alice', to: 'jenny' });
 * await gateway.settle();
 * await device.calls[0].accept();
 * alice.hangUp();
 * ```
 */
export class FakeGateway {
  readonly clock: Clock;
  /** While false, no socket can be opened. */
  isReachable = true;
  /** What a token is met with, while set. */
  refuseTokens: 'token-invalid' | 'token-expired' | null = null;
  /** What the next `connect` is refused with, while set. */
  refuseCalls: WireErrorName | null = null;
  /** Whether handing over and merging calls is refused, as by a token that does not allow it. */
  refuseTransfers = false;
  /** Everything devices have said, in order: real frames of the real wire. */
  readonly heard: ClientMessage[] = [];
  readonly #identityOf: (token: string) => string;
  #sessions: FakeSession[] = [];
  readonly #switchboard: FakeSwitchboard;
  #made = 0;

  constructor(options: FakeGatewayOptions = {}) {
    // What a page would load in the background is here from the start: a test waits for no file.
    keepCallParts(callParts);
    takeAdvice(ADVICE);
    this.clock = options.clock ?? new VirtualClock();
    this.#identityOf = options.identityOf ?? identityOf;
    this.#switchboard = new FakeSwitchboard({
      clock: this.clock,
      ringing: (identity) =>
        this.#sessions.filter((session) => isRinging(session) && session.identity === identity),
      refuseCalls: () => this.refuseCalls,
      refusesTransfers: () => this.refuseTransfers,
    });
  }

  /** A page for one device: `new Device(token, { platform: gateway.page().platform })`. */
  page(): FakePage {
    return new FakePage(
      { clock: this.clock, openSocket: (handlers) => this.#openSocket(handlers) },
      `page-${(this.#made += 1)}`,
    );
  }

  /** Calls somebody: every registered device of theirs rings. Without one, the call has ended as `not-registered`. */
  call({ from, to, video = false, params = {} }: FakeIncoming): FakeCall {
    return this.#switchboard.call({ from, to, params, video });
  }

  /** The next call that a device places to somebody who is no device here; one that waits already, at once. */
  nextCall(): Promise<FakeCall> {
    return this.#switchboard.nextCall();
  }

  /** Calls that are not over, oldest first. */
  get calls(): readonly FakeCall[] {
    return this.#switchboard.calls;
  }

  /** Names that would ring now. */
  get registered(): readonly string[] {
    return [...new Set(this.#sessions.filter(isRinging).map(({ identity }) => identity))];
  }

  /** Every socket goes, as when a network does. Devices come back by themselves as soon as they can. */
  dropSockets(): void {
    for (const session of this.#sessions) this.#lost(session, CODES.lost, '');
  }

  /** Forgets every session and its calls, as a gateway that was started anew. */
  forgetSessions(): void {
    const sessions = this.#sessions;
    this.#sessions = [];
    this.#switchboard.forgetCalls();
    for (const session of sessions) session.close(CODES.lost, '');
  }

  /** Tells every device that its token is about to expire. */
  expireTokensIn(inMs: number): void {
    for (const session of this.#sessions) session.notify({ type: 'tokenExpiring', inMs });
  }

  /** Lets everything happen that needs no time. */
  settle(): Promise<void> {
    return settle();
  }

  /** Lets so much time pass. Only with a {@link VirtualClock}. */
  async advance(durationMs: number): Promise<void> {
    if (!(this.clock instanceof VirtualClock))
      throw new TypeError('this gateway has the time of everybody else');
    await this.clock.advance(durationMs);
  }

  #openSocket(handlers: SocketHandlers): PlatformSocket {
    let session: FakeSession | null = null;
    let isOpen = this.isReachable;
    soon(() => (isOpen ? handlers.onOpen() : handlers.onClose(CODES.lost, '')));
    return {
      send: (frame) => {
        if (!isOpen) return;
        const message = readClientFrame(frame);
        this.heard.push(message);
        if (message.type === 'hello') session = this.#greet(message, handlers);
        else if (session?.isOn(handlers) === true) this.#hear(session, message);
      },
      close: () => {
        isOpen = false;
        if (session?.isOn(handlers) === true) this.#lost(session, CODES.lost, '', true);
      },
    };
  }

  #greet(hello: ClientMessageOf<'hello'>, handlers: SocketHandlers): FakeSession | null {
    const { refuseTokens } = this;
    if (refuseTokens !== null) {
      const code = refuseTokens === 'token-invalid' ? CODES.tokenRefused : CODES.tokenExpired;
      deliver(handlers, { type: 'refusal', error: wireError(refuseTokens, 'the fake gateway refuses it') });
      soon(() => handlers.onClose(code, refuseTokens));
      return null;
    }
    const resumed = this.#sessions.find(({ sessionId }) => sessionId === hello.resume?.sessionId);
    const session = resumed ?? this.#newSession(hello);
    session.attach(handlers);
    session.isRegistered = hello.register;
    session.say({
      type: 'welcome',
      sessionId: session.sessionId,
      resumeToken: `resume-${session.sessionId}`,
      resumed: resumed !== undefined,
      identity: session.identity,
      registered: hello.register,
      heartbeatMs: HEARTBEAT_MS,
      graceMs: GRACE_MS,
      tokenExpiresInMs: 3_600_000,
      rtpCapabilities: {},
      calls: this.calls.flatMap(({ devices }) => devices.snapshotFor(session) ?? []),
      lastSeq: session.lastSeq,
    });
    if (hello.resume !== undefined && resumed !== undefined) session.replayAfter(hello.resume.lastSeq);
    if (session.isRegistered) this.#switchboard.ringFor(session);
    return session;
  }

  #newSession(hello: ClientMessageOf<'hello'>): FakeSession {
    const sessionId = `session-${(this.#made += 1)}` as SessionId;
    const session = new FakeSession(sessionId, this.#identityOf(hello.token), hello);
    this.#sessions.push(session);
    return session;
  }

  #hear(session: FakeSession, message: Exclude<ClientMessage, { type: 'hello' }>): void {
    if ('id' in message) this.#answer(session, message);
    else if (message.type === 'ping') session.say({ type: 'pong' });
    else if (message.type === 'bye') this.#gone(session);
    else this.#switchboard.hear(session, message);
  }

  #answer(session: FakeSession, request: ClientRequest): void {
    const given = session.answerGiven(request.id);
    if (given !== undefined) {
      session.say(given);
      return;
    }
    const data = this.#carryOut(session, request);
    session.answer(
      request.id,
      typeof data === 'string'
        ? {
            type: 'refusal',
            re: request.id,
            error: wireError(data, `the fake gateway refuses ${request.type}`),
          }
        : { type: 'reply', re: request.id, ok: true, data },
    );
  }

  /** What a request leads to; the name of an error where it is refused. */
  #carryOut(session: FakeSession, request: ClientRequest): ReplyData | WireErrorName {
    switch (request.type) {
      case 'register':
        session.isRegistered = request.on;
        if (request.on) soon(() => this.#switchboard.ringFor(session));
        return {};
      case 'renewToken':
        return this.refuseTokens ?? { tokenExpiresInMs: 3_600_000 };
      case 'watchPresence':
        if (request.on) session.notify({ type: 'presence', people: this.#people() });
        return {};
      default:
        return this.#switchboard.carryOut(session, request);
    }
  }

  /** The socket is away; the session waits for another as long as its grace. */
  #lost(session: FakeSession, code: number, reason: string, isOurs = false): void {
    if (!session.isConnected) return;
    if (isOurs) session.detach();
    else session.close(code, reason);
    this.clock.setTimer(() => {
      if (!session.isConnected) this.#gone(session);
    }, GRACE_MS);
  }

  /** Left on purpose, or away for too long. */
  #gone(session: FakeSession): void {
    this.#sessions = this.#sessions.filter((other) => other !== session);
    this.#switchboard.gone(session);
  }

  #people() {
    return this.registered.map((identity) => ({
      identity,
      devices: this.#sessions.filter((session) => isRinging(session) && session.identity === identity).length,
      busy: this.calls.some(
        (call) => call.from === identity || (call.to === identity && call.state !== 'ringing'),
      ),
    }));
  }
}

function isRinging(session: FakeSession): boolean {
  return session.isRegistered;
}

/** Whom a token names: what Twilio's and our own tokens say, or the text itself where it is no token. */
function identityOf(token: string): string {
  const [, payload] = token.split('.');
  if (payload === undefined) return token;
  try {
    const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as {
      readonly grants?: { readonly identity?: string };
      readonly sub?: string;
    };
    return claims.grants?.identity ?? claims.sub ?? token;
  } catch {
    return token;
  }
}
