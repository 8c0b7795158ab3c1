import type { CallId, CallSid, CallSnapshot, ReplyData } from '@parley/protocol';
import {
  CALL_LIMITS,
  partyId,
  type CallFacts,
  type CallRules,
  type DeviceInput,
  type OutboundOrder,
} from '@parley/switchboard';
import type { CallDoor, CallMessage, CallRequest } from '../edge/call-door.ts';
import type { DeviceGoneHow, DeviceSession } from '../edge/device-session.ts';
import { WireRefusal } from '../edge/wire-refusal.ts';
import type { Feedback } from '../store/feedback.ts';
import { Admission, type AdmissionLimits, type NotAdmitted } from './admission.ts';
import { chooseApplication, type ApplicationChoiceOptions } from './application-choice.ts';
import type { CallOrigin } from './call-origin.ts';
import { BusyPeople } from './busy-people.ts';
import type { CallServices } from './call-services.ts';
import { HostedCall, type HostedCallOptions } from './hosted-call.ts';
import { placedPart, snapshotOf, type Part } from './part.ts';
import { LegMessages } from './leg-messages.ts';
import { Loopbacks } from './loopbacks.ts';
import { MidCall } from './mid-call.ts';
import { RecentLegs } from './recent-legs.ts';
import { newCallSid } from './sids.ts';
import { TransferDesk } from './transfer-desk.ts';

export interface CallHostOptions extends CallServices {
  readonly choice: ApplicationChoiceOptions;
  readonly admission: AdmissionLimits;
  readonly feedback: Pick<Feedback, 'save'>;
  /** Whether anybody may hand over anybody. */
  readonly mayTransfer: boolean;
  /** Calls at once that one device may place or ring for. */
  readonly callsPerDeviceMax: number;
}

/** What is held now: the first thing to read when looking for a leak. */
export interface CallHostCounts {
  readonly calls: number;
  readonly parts: number;
  /** Legs about whose messages an application has asked something. */
  readonly messageLegs: number;
}

interface Seat {
  readonly part: Part;
  readonly call: HostedCall;
}

type ConnectRequest = Extract<CallRequest, { type: 'connect' }>;
type FeedbackRequest = Extract<CallRequest, { type: 'feedback' }>;

/** All calls of this node, and the way from a device's words to the call they are about. It decides nothing. */
export class CallHost implements CallDoor {
  /** What applications and the devices of calls say to one another. */
  readonly messages: LegMessages;
  readonly #options: CallHostOptions;
  readonly #rules: Omit<CallRules, 'newRecording'> = { ...CALL_LIMITS, newCallSid };
  readonly #busy: BusyPeople;
  readonly #admission: Admission;
  readonly #midCall: MidCall;
  readonly #transfers: TransferDesk;
  readonly #calls = new Map<CallSid, HostedCall>();
  readonly #seats = new Map<DeviceSession, Map<CallId, Seat>>();
  /** Calls that look, or have looked, for the devices of a name; by account and name. */
  readonly #ringing = new Map<string, Set<HostedCall>>();
  readonly #recent = new RecentLegs();
  #drained: (() => void) | undefined;
  readonly #loopbacks: Loopbacks;
  #isDraining = false;

  constructor(options: CallHostOptions) {
    this.#options = options;
    this.#busy = new BusyPeople(options.registry);
    this.#admission = new Admission(options.admission);
    this.messages = new LegMessages({ ...options, callOf: (leg) => this.callOfLeg(leg) });
    this.#midCall = new MidCall({ ...options, messages: this.messages });
    this.#transfers = new TransferDesk({ ...options, callOf: (sid) => this.#calls.get(sid) });
    this.#loopbacks = new Loopbacks(options);
  }

  get counts(): CallHostCounts {
    let parts = 0;
    for (const call of this.#calls.values()) parts += call.parts.size;
    return { calls: this.#calls.size, parts, messageLegs: this.messages.count };
  }

  async request(device: DeviceSession, message: CallRequest): Promise<ReplyData> {
    if (message.type === 'connect') return this.#connect(device, message);
    if (message.type === 'feedback') return this.#takeFeedback(device, message);
    if (message.type === 'loopback') return this.#openLoopback(device, message.callId);
    if (message.type === 'hangup' && this.#loopbacks.close(device, message.callId)) return {};
    const { part, call } = this.#seat(device, message.callId);
    switch (message.type) {
      case 'accept':
        return this.#accept(part, call);
      case 'reject':
        return told(call, part, {
          type: 'reject',
          everywhere: message.everywhere,
          why: message.why ?? 'declined',
        });
      case 'hangup':
        return told(call, part, { type: 'hangup' });
      case 'digits':
        call.feed({ type: 'digits', party: part.party, digits: message.digits });
        return {};
      case 'hold':
      case 'video':
      case 'videoAnswer':
      case 'message':
        return this.#midCall.request(part, message);
      case 'transfer':
        return this.#transfers.blind(part, call, message.to, message.params ?? {});
      case 'merge':
        return this.#transfers.attended({ part, call }, this.#seat(device, message.with));
      case 'restartIce':
        return {
          ice: await this.#options.media.restartIce(part.party),
          iceServers: this.#options.iceServersOf(device.identity),
        };
      case 'mediaFlow':
        return { flow: await this.#options.media.flow(part.party) };
      case 'renewMedia': {
        const offer = await this.#options.media.renew(part.party);
        return { media: { ...offer, iceServers: this.#options.iceServersOf(device.identity) } };
      }
    }
  }

  message(device: DeviceSession, message: CallMessage): void {
    if (this.#loopbacks.message(device, message)) return;
    const seat = this.#seats.get(device)?.get(message.callId);
    // A frame about a call that has just ended crossed the news on its way.
    if (seat === undefined) return;
    const { part, call } = seat;
    if (message.type === 'alerting') {
      call.feed({ type: 'device', party: part.party, input: { type: 'alerting' } });
      return;
    }
    this.#options.media.handle(part.party, message).catch((error: unknown) => {
      // A part that has ended meanwhile has no media to speak of.
      if (!call.parts.has(part.party)) return;
      this.#options.log.warn(
        { callSid: part.callSid, err: error, frame: message.type },
        'a media frame was refused',
      );
    });
  }

  snapshots(device: DeviceSession): readonly CallSnapshot[] {
    return Array.from(this.#seats.get(device)?.values() ?? [])
      .filter(({ part }) => part.isTold)
      .map(({ part }) => snapshotOf(part));
  }

  deviceRegistered(device: DeviceSession): void {
    for (const call of this.#ringing.get(nameKey(device.accountSid, device.identity)) ?? []) {
      call.deviceRegistered(device);
    }
  }

  deviceAway(device: DeviceSession): void {
    const how = device.away;
    if (how === undefined) return;
    this.#suffered(device, { type: 'deviceAway', how });
  }

  deviceBack(device: DeviceSession): void {
    this.#suffered(device, { type: 'deviceBack' });
  }

  deviceGone(device: DeviceSession, _how: DeviceGoneHow): void {
    this.#loopbacks.deviceGone(device);
    this.#suffered(device, { type: 'deviceGone' });
  }

  /** Tells every call of a device what has become of it. */
  #suffered(device: DeviceSession, input: DeviceInput): void {
    for (const { part, call } of Array.from(this.#seats.get(device)?.values() ?? []))
      call.feed({ type: 'device', party: part.party, input });
  }

  capabilitiesKnown(device: DeviceSession): void {
    const { rtpCapabilities } = device;
    if (rtpCapabilities === undefined) return;
    this.#loopbacks.capabilitiesKnown(device);
    for (const { part } of this.#seats.get(device)?.values() ?? []) {
      this.#options.media.setCapabilities(part.party, rtpCapabilities);
    }
  }

  /** The call that a live leg is part of. */
  callOfLeg(leg: CallSid): HostedCall | undefined {
    const own = this.#calls.get(leg);
    if (own !== undefined) return own;
    for (const call of this.#calls.values()) if (call.hasLeg(leg)) return call;
    return undefined;
  }

  /** Makes a call that no device placed (D26), or says why no more are taken. */
  place(order: OutboundOrder): HostedCall | 'draining' | NotAdmitted {
    if (this.#isDraining) return 'draining';
    const refused = this.#admission.enter(order.facts.accountSid, this.#options.world.nowMs());
    if (refused !== undefined) return refused;
    const call = this.#host({ type: 'ordered', order });
    call.begin();
    return call;
  }

  /** Refuses new calls and waits for the running ones, for as long as it is given; then ends them (D32). */
  async drain(waitMs: number): Promise<void> {
    this.#isDraining = true;
    if (this.#calls.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        this.#drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.endAll();
  }

  /** Ends every call at once, as a gateway does that goes out of service. */
  endAll(): void {
    this.#isDraining = true;
    for (const call of Array.from(this.#calls.values())) call.feed({ type: 'terminate', reason: 'draining' });
  }

  async #connect(device: DeviceSession, message: ConnectRequest): Promise<ReplyData> {
    this.#refuseUnlessAllowed(device, message.callId);
    const { accountSid, identity, label, grants } = device;
    // The token server's parameters win over the page's: it is the one that is trusted.
    const params = { ...message.params, ...grants.outgoing?.params };
    const to = params['To'] ?? '';
    const { video } = message.media;
    const sid = newCallSid();
    const facts: CallFacts = {
      sid,
      accountSid,
      caller: {
        party: partyId(device.id, message.callId),
        person: label === undefined ? { identity } : { identity, deviceLabel: label },
      },
      from: `client:${identity}`,
      to,
      direction: 'inbound',
      params,
      video,
      application: chooseApplication(this.#options.choice, { accountSid, identity, grants, to, video }),
    };
    const caller = placedPart(facts, device, message.callId);
    const call = this.#host({ type: 'placed', facts, caller }, { traceparent: message.traceparent });
    this.#busy.enter(caller);
    call.begin();
    if (call.isOver) return { callSid: sid };
    try {
      return { callSid: sid, media: await call.openMediaOf(caller) };
    } catch (error) {
      this.#options.log.error({ callSid: sid, err: error }, 'no media for a caller');
      throw new WireRefusal('media-failed', 'the gateway has no media for this call');
    }
  }

  #host(origin: CallOrigin, inherited: Pick<HostedCallOptions, 'room' | 'traceparent'> = {}): HostedCall {
    const call = new HostedCall({
      origin,
      rules: this.#rules,
      services: this.#options,
      ...inherited,
      busy: this.#busy,
      hasRoom: (device) => (this.#seats.get(device)?.size ?? 0) < this.#options.callsPerDeviceMax,
      onPart: (part, of) => this.#seatsOf(part.device).set(part.callId, { part, call: of }),
      onPartOver: (part) => this.#leaveSeat(part),
      onLegEnded: (leg) => this.messages.legEnded(leg),
      onRinging: (name, of) => this.#ringingFor(of.accountSid, name).add(of),
      onDetached: (detached, of) => {
        this.#admission.hold(of.accountSid);
        this.#host(detached, { room: of.room, traceparent: of.trace.next() }).begin();
      },
      onEnded: (of) => this.#ended(of),
    });
    this.#calls.set(call.sid, call);
    return call;
  }

  #refuseUnlessAllowed(device: DeviceSession, callId: CallId): void {
    const seats = this.#seats.get(device);
    if (this.#isDraining) throw new WireRefusal('draining', 'the gateway takes no new calls');
    if (device.grants.outgoing === undefined) {
      const message = 'the token does not allow placing calls';
      this.#options.notifications.notify({
        accountSid: device.accountSid,
        code: 31201,
        severity: 'error',
        message,
      });
      throw new WireRefusal('forbidden', message);
    }
    if (seats?.has(callId) === true) throw new WireRefusal('wrong-state', 'a call of this id exists already');
    if ((seats?.size ?? 0) >= this.#options.callsPerDeviceMax) {
      throw new WireRefusal(
        'too-many',
        `a device may take part in ${this.#options.callsPerDeviceMax} calls at once`,
      );
    }
    const refused = this.#admission.enter(device.accountSid, this.#options.world.nowMs());
    if (refused === undefined) return;
    const name = refused.why === 'too-fast' ? 'rate-limited' : 'too-many';
    throw new WireRefusal(name, refused.message, refused.retryAfterMs);
  }

  /** The server is the only arbiter: of ten devices that accept in the same instant, nine are refused here (CL9). */
  #accept(part: Part, call: HostedCall): ReplyData {
    if (part.phase !== 'ringing') return { callSid: part.callSid };
    call.feed({ type: 'device', party: part.party, input: { type: 'accept' } });
    const isStillIn = call.parts.has(part.party);
    if (!isStillIn) throw new WireRefusal('wrong-state', 'the call was answered elsewhere, or is over');
    return { callSid: part.callSid };
  }

  #openLoopback(device: DeviceSession, callId: CallId): Promise<ReplyData> {
    if (this.#isDraining) throw new WireRefusal('draining', 'the gateway takes no new lines');
    if (this.#seats.get(device)?.has(callId) === true) {
      throw new WireRefusal('wrong-state', 'a call of this id exists already');
    }
    return this.#loopbacks.open(device, callId);
  }

  #takeFeedback(device: DeviceSession, { callId, score, issue }: FeedbackRequest): ReplyData {
    const callSid = this.#seats.get(device)?.get(callId)?.part.callSid ?? this.#recent.find(device, callId);
    if (callSid === undefined) throw new WireRefusal('unknown-call', 'this device had no such call lately');
    const { accountSid } = device;
    const { feedback, world, log } = this.#options;
    feedback.save({ callSid, accountSid, score, issue: issue ?? null }, world.nowMs());
    log.info({ callSid, score, issue }, 'a person has said what she thinks of a call');
    return {};
  }

  #seat(device: DeviceSession, callId: CallId): Seat {
    const seat = this.#seats.get(device)?.get(callId);
    if (seat === undefined) throw new WireRefusal('unknown-call', 'this device has no such call');
    return seat;
  }

  #seatsOf(device: DeviceSession): Map<CallId, Seat> {
    const seats = this.#seats.get(device) ?? new Map<CallId, Seat>();
    this.#seats.set(device, seats);
    return seats;
  }

  #leaveSeat(part: Part): void {
    this.#recent.remember(part.device, part.callId, part.callSid);
    const seats = this.#seats.get(part.device);
    seats?.delete(part.callId);
    if (seats?.size === 0) this.#seats.delete(part.device);
  }

  #ringingFor(accountSid: string, identity: string): Set<HostedCall> {
    const key = nameKey(accountSid, identity);
    const calls = this.#ringing.get(key) ?? new Set<HostedCall>();
    this.#ringing.set(key, calls);
    return calls;
  }

  #ended(call: HostedCall): void {
    this.#calls.delete(call.sid);
    this.#admission.leave(call.accountSid);
    for (const name of call.soughtNames) {
      const key = nameKey(call.accountSid, name);
      const calls = this.#ringing.get(key);
      calls?.delete(call);
      if (calls?.size === 0) this.#ringing.delete(key);
    }
    if (this.#calls.size === 0) this.#drained?.();
  }
}

function told(call: HostedCall, part: Part, input: DeviceInput): ReplyData {
  call.feed({ type: 'device', party: part.party, input });
  return {};
}

function nameKey(accountSid: string, identity: string): string {
  return `${accountSid}/${identity}`;
}
