import type { CallId, CallSnapshot, ClientMessageOf, MediaWish } from '@parley/protocol';
import type { FakeCall, FakeFeedback, SentMessage } from './fake-call.ts';
import type { FakeCallCore, FakeCallFacts, HandedOverFrom } from './fake-call-core.ts';
import { partyOf } from './fake-ends.ts';
import { fakeOffer } from './fake-offer.ts';
import type { FakeSession } from './fake-session.ts';
import { otherSide } from './fake-talk.ts';

/** Makes the call in which somebody rings, or talks, who was taken out of another. */
export type PlaceNext<Facts extends keyof FakeCallFacts> = (
  facts: Pick<FakeCallFacts, Facts>,
  from: HandedOverFrom | null,
) => FakeCall;

/** What devices do in a fake call, as the gateway hears it. */
export class FakeCallDevices {
  digits = '';
  readonly messages: SentMessage[] = [];
  feedback: FakeFeedback | null = null;
  handedOver: FakeCall | null = null;
  readonly #core: FakeCallCore;
  readonly #known = new Set<CallId>();

  constructor(core: FakeCallCore) {
    this.#core = core;
  }

  legOf(session: FakeSession, callId?: CallId): CallId | undefined {
    return this.#core.ends.leg(session, callId)?.callId;
  }

  /** Whether a device knows it, or has known it, by this name. */
  knew(callId: CallId): boolean {
    return this.#known.has(callId);
  }

  /** A device places it. */
  placedBy(session: FakeSession, callId: CallId, media: MediaWish): void {
    this.#known.add(callId);
    this.#core.ends.add(session, callId, 'caller', media);
    this.#core.ends.take('caller', partyOf(session));
  }

  /** It rings at a device of the person called. */
  ringAt(session: FakeSession, callId: CallId): void {
    const { state, video, ends, facts } = this.#core;
    if (state !== 'ringing' || this.legOf(session) !== undefined) return;
    const media = { audio: true, video };
    this.#known.add(callId);
    ends.add(session, callId, 'callee', media);
    const { callSid, from, to, params } = facts;
    session.notify({ type: 'incoming', callId, callSid, from, to, params, media, offer: fakeOffer(callId) });
  }

  /** A device answers; whether it was the first. */
  accept(session: FakeSession, callId: CallId, media: MediaWish): boolean {
    const { ends, state } = this.#core;
    const winner = ends.leg(session, callId);
    if (winner === undefined || state !== 'ringing') return false;
    winner.media = media;
    const elsewhere = partyOf(session);
    for (const leg of ends.of('callee'))
      if (leg !== winner) this.#core.endLeg(leg, 'answered-elsewhere', 'remote', elsewhere);
    this.#core.answer(elsewhere, media.video);
    return true;
  }

  /** A device refuses, for itself or for all. */
  reject(session: FakeSession, callId: CallId, everywhere: boolean, why: 'busy' | 'declined'): void {
    const { ends } = this.#core;
    const refusing = ends.leg(session, callId);
    if (refusing === undefined) return;
    ends.drop(refusing);
    if (everywhere)
      for (const leg of ends.of('callee'))
        this.#core.endLeg(leg, 'rejected-elsewhere', 'remote', partyOf(session));
    if (ends.of('callee').length === 0) this.#core.finish(why === 'busy' ? 'busy' : 'rejected', 'remote');
  }

  /** A device hangs up, or is gone for good. */
  leave(session: FakeSession, callId: CallId): void {
    const { ends, state } = this.#core;
    const leaving = ends.leg(session, callId);
    if (leaving === undefined) return;
    ends.drop(leaving);
    // Who hands over and leaves has left the two others to one another.
    if (state === 'transferring') return;
    const isLastCallee = leaving.side === 'callee' && ends.of('callee').length === 0;
    if (leaving.side === 'caller') this.#core.hangUp();
    else if (isLastCallee) this.#core.finish(state === 'ringing' ? 'no-answer' : 'remote-hangup', 'remote');
  }

  /** A device says something; answers with the name the message has. */
  send(session: FakeSession, message: SentMessage): string {
    this.messages.push(message);
    const id = this.#core.newMessageId();
    const { ends } = this.#core;
    ends.tell((callId) => ({ type: 'message', callId, message: { id, ...message } }), ends.beside(session));
    return id;
  }

  press(session: FakeSession, digits: string): void {
    this.digits += digits;
    const { ends } = this.#core;
    ends.tell((callId) => ({ type: 'digits', callId, digits }), ends.beside(session));
  }

  /** A device asks something of the other end; false where nobody is joined. */
  ask(
    session: FakeSession,
    request: ClientMessageOf<'hold'> | ClientMessageOf<'video'> | ClientMessageOf<'videoAnswer'>,
  ): boolean {
    const { talk, ends } = this.#core;
    // Taking back what is not there is fine.
    if (talk === null) return request.type === 'videoAnswer' || !request.on;
    const side = otherSide(ends.beside(session));
    if (request.type === 'hold') talk.hold(side, request.on);
    else if (request.type === 'videoAnswer') talk.answer(side, request.accepted);
    else if (request.on) talk.ask(side);
    else talk.withoutVideo(side);
    return true;
  }

  /** A device sends a source, or has muted one. */
  produce(
    session: FakeSession,
    message: ClientMessageOf<'produce'> | ClientMessageOf<'producerMuted'>,
  ): void {
    const { ends } = this.#core;
    const leg = ends.leg(session, message.callId);
    if (leg === undefined) return;
    if (message.type === 'produce') leg.producers.set(message.producerId, message.source);
    if (leg.producers.get(message.producerId) === 'microphone') ends.mute(leg.side, message.muted);
  }

  /** Hands over the end beside this device, to whoever is called in the call that `place` makes. */
  handOver(session: FakeSession, place: PlaceNext<'from' | 'video'>): boolean {
    const core = this.#core;
    const side = core.ends.beside(session);
    if (core.state !== 'joined') return false;
    const next = place(
      { from: core.ends.person(side).identity, video: core.video },
      {
        answered: () => core.endAll('transferred', 'local'),
        failed: (legs, reason) => core.takeBack(side, legs, reason),
        left: () => core.endAll('remote-hangup', 'remote'),
      },
    );
    core.handOver(side, next.devices.#core);
    this.handedOver = next;
    return true;
  }

  /** Brings the ends beside this device in two calls together, in the call that `place` makes. */
  merge(session: FakeSession, other: FakeCallDevices, place: PlaceNext<'from' | 'to' | 'video'>): boolean {
    const [one, two] = [this.#core, other.#core];
    if (one === two || one.state !== 'joined' || two.state !== 'joined') return false;
    const [mine, theirs] = [one.ends.beside(session), two.ends.beside(session)];
    const [from, to] = [one.ends.person(mine), two.ends.person(theirs)];
    const video = one.video && two.video;
    const next = place({ from: from.identity, to: to.identity, video }, null);
    const joined = next.devices.#core;
    joined.ends.take('caller', from, one.letGo(mine));
    joined.ends.take('callee', to, two.letGo(theirs));
    for (const devices of [this, other]) {
      devices.handedOver = next;
      devices.#core.endAll('transferred', 'local');
    }
    joined.join(video);
    return true;
  }

  /** What a device that comes back is told of it. */
  snapshotFor(session: FakeSession): CallSnapshot | undefined {
    const { ends, state, facts, video, talk } = this.#core;
    const leg = ends.leg(session);
    if (leg === undefined || state === 'ended') return undefined;
    return {
      callId: leg.callId,
      callSid: facts.callSid,
      direction: leg.side === 'caller' ? 'outgoing' : 'incoming',
      phase: state === 'transferring' ? 'answered' : state,
      other: ends.person(otherSide(leg.side)),
      params: { ...facts.params },
      video,
      ...(talk === null ? {} : { standing: talk.standingOf(leg.side) }),
    };
  }
}
