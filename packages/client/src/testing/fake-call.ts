import type {
  CallId,
  CallParams,
  CallSid,
  CallSnapshot,
  EndReason,
  MediaId,
  MediaWish,
  Party,
  Unnumbered,
} from '@parley/protocol';
import { fakeOffer } from './fake-offer.ts';
import type { FakeSession } from './fake-session.ts';
import type { Clock } from './virtual-clock.ts';

/** One device's part in a fake call. */
interface Leg {
  readonly session: FakeSession;
  readonly callId: CallId;
  readonly role: 'caller' | 'callee';
  media: MediaWish;
}

export interface FakeCallFacts {
  readonly callSid: CallSid;
  readonly from: string;
  readonly to: string;
  readonly params: CallParams;
  readonly video: boolean;
}

/** A message as it went over the wire: JSON is text there. */
export interface SentMessage {
  readonly content: string;
  readonly contentType: string;
  readonly messageType: string;
}

/** How a fake call ended, as those were told who were in it last. */
export type FakeCallEnd = EndReason;

/**
 * A call as the gateway sees it. Whoever in it is no device of the test's is played by the test: `answer()` answers as
 * the person called, `hangUp()` hangs up as whoever is at the other end.
 */
export class FakeCall {
  readonly callSid: CallSid;
  readonly from: string;
  readonly to: string;
  /** What went with the call. */
  readonly params: Readonly<Record<string, string>>;
  readonly video: boolean;
  state: 'ringing' | 'answered' | 'joined' | 'ended' = 'ringing';
  /** How it ended, once it has. */
  end: FakeCallEnd | null = null;
  /** Keys that devices have pressed, in order. */
  digits = '';
  /** What devices have sent, in order, as it went over the wire. */
  readonly messages: SentMessage[] = [];
  /** Whether a device has put the other end on hold, or the test has put the device on hold. */
  readonly held = { device: false, other: false };
  readonly #clock: Clock;
  readonly #onEnd: (call: FakeCall) => void;
  #legs: Leg[] = [];
  #consumers = 0;
  #said = 0;
  #answeredAtMs: number | null = null;

  /** @internal Made by {@link FakeGateway}. */
  constructor(facts: FakeCallFacts, clock: Clock, onEnd: (call: FakeCall) => void) {
    this.callSid = facts.callSid;
    this.from = facts.from;
    this.to = facts.to;
    this.params = facts.params;
    this.video = facts.video;
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Rings, as the person called: the device that calls is told so. */
  ring(): void {
    this.#tell('caller', (callId) => ({ type: 'ringing', callId }));
  }

  /** The gateway itself answers the device that calls: an announcement, a prompt. */
  announce(): void {
    this.state = 'answered';
    this.#answeredAtMs ??= this.#clock.nowMs();
    this.#tell('caller', (callId) => ({ type: 'answered', callId }));
  }

  /** Answers, as the person called. Both ends are joined. */
  answer(options: { readonly video?: boolean; readonly deviceLabel?: string } = {}): void {
    const { deviceLabel } = options;
    this.#join(
      { identity: this.to, ...(deviceLabel === undefined ? {} : { deviceLabel }) },
      options.video ?? this.video,
    );
  }

  /** Refuses, as the person called. */
  reject(reason: 'rejected' | 'busy' | 'no-answer' | 'declined' = 'rejected'): void {
    this.finish(reason);
  }

  /** Hangs up, or gives up, as whoever is at the other end. */
  hangUp(): void {
    this.finish(this.state === 'ringing' ? 'cancelled' : 'remote-hangup');
  }

  /** Presses keys, as whoever is at the other end. */
  sendDigits(digits: string): void {
    this.#tell('both', (callId) => ({ type: 'digits', callId, digits }));
  }

  /** Sends something, as whoever is at the other end. What is no text is sent as JSON. */
  sendMessage(content: unknown, messageType = 'user-defined-message'): void {
    const isText = typeof content === 'string';
    const message = {
      id: `message-${(this.#said += 1)}`,
      content: isText ? content : JSON.stringify(content),
      contentType: isText ? 'text/plain' : 'application/json',
      messageType,
    };
    this.#tell('both', (callId) => ({ type: 'message', callId, message }));
  }

  /** Puts the device on hold, or takes it back, as whoever is at the other end. */
  hold(on = true): void {
    this.held.device = on;
    this.#tellStanding();
  }

  /** Ends it for everybody who is still in it. `by` defaults to whose doing the reason usually is. */
  finish(reason: FakeCallEnd, by: 'remote' | 'server' = 'remote'): void {
    for (const leg of [...this.#legs]) this.#endLeg(leg, reason, by);
    this.#over(reason);
  }

  /** @internal */
  get isOver(): boolean {
    return this.state === 'ended';
  }

  /** @internal */
  legOf(session: FakeSession, callId?: CallId): CallId | undefined {
    return this.#legs.find((leg) => leg.session === session && (callId ?? leg.callId) === leg.callId)?.callId;
  }

  /** @internal A device places it. */
  placedBy(session: FakeSession, callId: CallId, media: MediaWish): void {
    this.#legs.push({ session, callId, role: 'caller', media });
  }

  /** @internal It rings at a device of the person called. */
  ringAt(session: FakeSession, callId: CallId): void {
    if (this.state !== 'ringing' || this.legOf(session) !== undefined) return;
    const media = { audio: true, video: this.video };
    this.#legs.push({ session, callId, role: 'callee', media });
    const { callSid, from, to, params } = this;
    session.notify({ type: 'incoming', callId, callSid, from, to, params, media, offer: fakeOffer(callId) });
  }

  /** @internal A device answers; whether it was the first. */
  acceptedBy(session: FakeSession, callId: CallId, media: MediaWish): boolean {
    const winner = this.#leg(session, callId);
    if (winner === undefined || this.state !== 'ringing') return false;
    winner.media = media;
    const elsewhere: Party = { identity: this.to, deviceLabel: session.deviceLabel };
    for (const leg of this.#callees()) {
      if (leg !== winner) this.#endLeg(leg, 'answered-elsewhere', 'remote', elsewhere);
    }
    this.#join(elsewhere, media.video);
    return true;
  }

  /** @internal A device refuses, for itself or for all. */
  rejectedBy(session: FakeSession, callId: CallId, everywhere: boolean, why: 'busy' | 'declined'): void {
    const refusing = this.#leg(session, callId);
    if (refusing === undefined) return;
    this.#drop(refusing);
    const elsewhere: Party = { identity: this.to, deviceLabel: session.deviceLabel };
    if (everywhere)
      for (const leg of this.#callees()) this.#endLeg(leg, 'rejected-elsewhere', 'remote', elsewhere);
    if (this.#callees().length === 0) this.finish(why === 'busy' ? 'busy' : 'rejected');
  }

  /** @internal A device hangs up, or is gone for good. */
  leftBy(session: FakeSession, callId: CallId): void {
    const leaving = this.#leg(session, callId);
    if (leaving === undefined) return;
    this.#drop(leaving);
    const isLastCallee = leaving.role === 'callee' && this.#callees().length === 0;
    if (leaving.role === 'caller') this.hangUp();
    else if (isLastCallee) this.finish(this.state === 'ringing' ? 'no-answer' : 'remote-hangup');
  }

  /** @internal A device says something; answers with the name the message has. */
  said(message: SentMessage): string {
    this.messages.push(message);
    return `message-${(this.#said += 1)}`;
  }

  /** @internal */
  heldBy(on: boolean): void {
    this.held.other = on;
    this.#tellStanding();
  }

  #tellStanding(): void {
    const held = { local: this.held.other, remote: this.held.device };
    this.#tell('both', (callId) => ({ type: 'standing', callId, standing: { held, video: this.video } }));
  }

  /** @internal */
  pressed(digits: string): void {
    this.digits += digits;
  }

  /** @internal What a device that comes back is told of it. */
  snapshotFor(session: FakeSession): CallSnapshot | undefined {
    const leg = this.#legs.find((other) => other.session === session);
    if (leg === undefined || this.state === 'ended') return undefined;
    return {
      callId: leg.callId,
      callSid: this.callSid,
      direction: leg.role === 'caller' ? 'outgoing' : 'incoming',
      phase: this.state,
      other: { identity: leg.role === 'caller' ? this.to : this.from },
      params: { ...this.params },
      video: this.video,
    };
  }

  #join(answering: Party, withVideo: boolean): void {
    this.state = 'joined';
    this.#answeredAtMs ??= this.#clock.nowMs();
    const caller = this.#legs.find(({ role }) => role === 'caller');
    for (const leg of this.#legs) {
      const isCaller = leg === caller;
      const other = isCaller ? answering : { identity: this.from, deviceLabel: caller?.session.deviceLabel };
      const isSeen = this.video && (isCaller ? withVideo : (caller?.media.video ?? this.video));
      leg.session.notify({ type: 'joined', callId: leg.callId, other, video: this.video });
      this.#send(leg, 'audio');
      if (isSeen) this.#send(leg, 'video');
    }
  }

  /** Something comes from the other end. */
  #send({ session, callId }: Leg, kind: 'audio' | 'video'): void {
    this.#consumers += 1;
    const consumerId = `consumer-${this.#consumers}` as MediaId;
    const producerId = `producer-${this.#consumers}` as MediaId;
    const source = kind === 'audio' ? 'microphone' : 'camera';
    const sent = { callId, consumerId, producerId, kind, source, rtpParameters: {}, muted: false } as const;
    session.notify({ type: 'consume', ...sent });
    session.notify({ type: 'consumerResumed', callId, consumerId });
  }

  #tell(whom: 'caller' | 'both', message: (callId: CallId) => Unnumbered): void {
    for (const { session, callId, role } of this.#legs)
      if (whom === 'both' || role === whom) session.notify(message(callId));
  }

  #endLeg(leg: Leg, reason: EndReason, by: 'remote' | 'server', elsewhere?: Party): void {
    this.#drop(leg);
    const durationMs = this.#answeredAtMs === null ? 0 : this.#clock.nowMs() - this.#answeredAtMs;
    const { callId } = leg;
    leg.session.notify({
      type: 'ended',
      callId,
      callSid: this.callSid,
      reason,
      by,
      durationMs,
      ...(elsewhere === undefined ? {} : { elsewhere }),
    });
  }

  #drop(leg: Leg): void {
    this.#legs = this.#legs.filter((other) => other !== leg);
  }

  #over(reason: FakeCallEnd): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.end = reason;
    this.#onEnd(this);
  }

  #leg(session: FakeSession, callId: CallId): Leg | undefined {
    return this.#legs.find((leg) => leg.session === session && leg.callId === callId);
  }

  #callees(): readonly Leg[] {
    return this.#legs.filter(({ role }) => role === 'callee');
  }
}
