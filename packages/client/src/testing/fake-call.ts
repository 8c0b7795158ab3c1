import type { CallSid, EndReason } from '@parley/protocol';
import { FakeCallCore, type FakeCallFacts, type HandedOverFrom } from './fake-call-core.ts';
import { FakeCallDevices } from './fake-call-devices.ts';
import { otherSide, type Side } from './fake-talk.ts';
import type { Clock } from './virtual-clock.ts';

/** A message as it went over the wire: JSON is text there. */
export interface SentMessage {
  readonly content: string;
  readonly contentType: string;
  readonly messageType: string;
}

/** How a fake call ended, as those were told who were in it last. */
export type FakeCallEnd = EndReason;

/** What a person said of a call, by `call.postFeedback`. */
export interface FakeFeedback {
  readonly score: number;
  readonly issue: string | null;
}

/** Something that either end may have done: the device's person, or the test as whoever is at the `other` end. */
export interface EitherEnd {
  readonly device: boolean;
  readonly other: boolean;
}

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
  /** @internal What devices do in it. */
  readonly devices: FakeCallDevices;
  readonly #core: FakeCallCore;

  /** @internal Made by {@link FakeGateway}. */
  constructor(
    facts: FakeCallFacts,
    clock: Clock,
    onEnd: (call: FakeCall) => void,
    comesFrom: HandedOverFrom | null = null,
  ) {
    this.callSid = facts.callSid;
    this.from = facts.from;
    this.to = facts.to;
    this.params = facts.params;
    this.#core = new FakeCallCore({ facts, clock, comesFrom, onEnd: () => onEnd(this) });
    this.devices = new FakeCallDevices(this.#core);
  }

  /** `transferring`: a device has handed the other end over, and waits for what comes of it. */
  get state(): 'ringing' | 'answered' | 'joined' | 'transferring' | 'ended' {
    return this.#core.state;
  }

  /** How it ended, once it has. */
  get end(): FakeCallEnd | null {
    return this.#core.end;
  }

  /** Whether it is one with video: as it was placed, and then as the two have agreed. */
  get video(): boolean {
    return this.#core.video;
  }

  /** Keys that devices have pressed, in order. */
  get digits(): string {
    return this.devices.digits;
  }

  /** What devices have sent, in order, as it went over the wire. */
  get messages(): readonly SentMessage[] {
    return this.devices.messages;
  }

  /** What a device has said of it last; also after it is over. */
  get feedback(): FakeFeedback | null {
    return this.devices.feedback;
  }

  /** Where the other end has gone: the call that rings, or runs, since a device has handed it over or merged two calls. */
  get handedOver(): FakeCall | null {
    return this.devices.handedOver;
  }

  /** Who is on hold: `other`, because a device has put them; `device`, because the test has. */
  get held(): EitherEnd {
    return this.#ofEither((side) => this.#core.talk?.isHeldBy(otherSide(side)) ?? false);
  }

  /** Who is muted: the `device`, by its person; the `other` end, by the test. */
  get muted(): EitherEnd {
    return this.#ofEither((side) => this.#core.ends.isMuted(side));
  }

  /** Who has asked for video, while the answer is waited for. */
  get videoRequest(): 'device' | 'other' | null {
    const asks = this.#core.talk?.asks ?? null;
    return asks === null ? null : asks === this.#played ? 'other' : 'device';
  }

  /** Rings, as the person called: the device that calls is told so. */
  ring(): void {
    this.#core.ends.tell((callId) => ({ type: 'ringing', callId }), 'caller');
  }

  /** The gateway itself answers the device that calls: an announcement, a prompt. */
  announce(): void {
    this.#core.announce();
  }

  /** Answers, as the person called. Both ends are joined. */
  answer(options: { readonly video?: boolean; readonly deviceLabel?: string } = {}): void {
    const { deviceLabel, video = this.video } = options;
    const label = deviceLabel === undefined ? {} : { deviceLabel };
    this.#core.answer({ identity: this.to, ...label }, video);
  }

  /** Refuses, as the person called. */
  reject(reason: 'rejected' | 'busy' | 'no-answer' | 'declined' = 'rejected'): void {
    this.finish(reason);
  }

  /** Hangs up, or gives up, as whoever is at the other end; while it rings for somebody handed over, as those. */
  hangUp(): void {
    this.#core.hangUp();
  }

  /** Presses keys, as whoever is at the other end. */
  sendDigits(digits: string): void {
    this.#core.ends.tell((callId) => ({ type: 'digits', callId, digits }));
  }

  /** Sends something, as whoever is at the other end. What is no text is sent as JSON. */
  sendMessage(content: unknown, messageType = 'user-defined-message'): void {
    const isText = typeof content === 'string';
    const message = {
      id: this.#core.newMessageId(),
      content: isText ? content : JSON.stringify(content),
      contentType: isText ? 'text/plain' : 'application/json',
      messageType,
    };
    this.#core.ends.tell((callId) => ({ type: 'message', callId, message }));
  }

  /** Puts the device on hold, or takes it back, as whoever is at the other end. Nothing happens unless two are joined. */
  hold(on = true): void {
    this.#core.talk?.hold(this.#played, on);
  }

  /** Mutes, or lets be heard again, as whoever is at the other end. */
  mute(on = true): void {
    this.#core.ends.mute(this.#played, on);
  }

  /** Asks the device for video, as whoever is at the other end; where the device has asked, that is a yes. */
  requestVideo(): void {
    this.#core.talk?.ask(this.#played);
  }

  /** Answers the device's question for video. Without an answer it is a no after thirty seconds. */
  answerVideo(accepted = true): void {
    this.#core.talk?.answer(this.#played, accepted);
  }

  /** Makes an audio call of it again, or takes the question back, as whoever is at the other end. */
  removeVideo(): void {
    this.#core.talk?.withoutVideo(this.#played);
  }

  /** Ends it for everybody who is still in it. `by` defaults to whose doing the reason usually is. */
  finish(reason: FakeCallEnd, by: 'remote' | 'server' = 'remote'): void {
    this.#core.finish(reason, by);
  }

  get #played(): Side {
    return this.#core.ends.played;
  }

  #ofEither(is: (side: Side) => boolean): EitherEnd {
    const played = this.#played;
    return { device: is(otherSide(played)), other: is(played) };
  }
}
