import type { CallId, ServerMessageOf, ServerNotification } from '@parley/protocol';
import type {
  AcceptOptions,
  CallParameters,
  CallSnapshot,
  CallStats,
  DeviceEvents,
  DeviceSnapshot,
} from '../api.ts';
import { Call } from '../call.ts';
import type { CallEnd } from '../core/call-end.ts';
import {
  callDeadlineMs,
  isRingingHere,
  ringCall,
  statusOf,
  type CallInput,
  type CallOutput,
  type CallState,
} from '../core/call-state.ts';
import { stepRinging } from '../core/ringing.ts';
import type { ClientError } from '../errors.ts';
import type { Permission } from '../platform.ts';
import { Store } from '../store.ts';
import type { Answerable } from './answer.ts';
import { Driver } from './driver.ts';
import type { EngineRoom } from './engine-room.ts';
import type { GatewayLink } from './gateway-link.ts';
import type { LateDevices, LateDevicesOptions } from './late-devices.ts';
import { LateMedia, loadedCallParts } from './late-media.ts';
import type { SignalingNews } from './media-path.ts';
import type { MidCall } from './mid-call.ts';
import { watched } from './observe.ts';

/** What a call needs from the device it belongs to. */
export interface CallHost extends LateDevicesOptions {
  readonly emit: <Name extends keyof DeviceEvents>(name: Name, ...payload: DeviceEvents[Name]) => void;
  readonly store: Store<DeviceSnapshot>;
  readonly link: GatewayLink;
  readonly devices: LateDevices;
  /** What the gateway said last when it greeted this device. */
  welcome: ServerMessageOf<'welcome'> | null;
  /** Null until what a call needs has been loaded. */
  engineRoom: EngineRoom | null;
}

/** What the gateway says about one call. */
export type CallNotification = Exclude<Extract<ServerNotification, { callId: CallId }>, { type: 'incoming' }>;

/** What is known of a call from the start. */
export interface CallFacts {
  readonly callId: CallId;
  readonly state: CallState;
  readonly from: string;
  readonly to: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Runs one call: feeds its machine, carries out what it decides, and keeps its store and its media in step. */
export class CallRunner implements Answerable {
  readonly callId: CallId;
  readonly call: Call;
  readonly store: Store<CallSnapshot>;
  readonly media: LateMedia;
  readonly ended: Promise<CallEnd>;
  readonly host: CallHost;
  readonly #driver: Driver<CallInput, CallOutput>;
  readonly #parameters: Omit<CallParameters, 'CallSid'>;
  #state: CallState;
  #settleEnded!: (end: CallEnd) => void;
  #accepting: Promise<void> | null = null;
  permission: Permission = 'unknown';
  /** Set by whoever answers. */
  sendAccept: () => void = () => undefined;
  isOver = false;

  /** @internal `incoming` makes what rings here; what is placed here, or began on another page, is made with its state. */
  constructor(host: CallHost, facts: CallFacts) {
    const { platform } = host;
    this.host = host;
    this.#state = facts.state;
    this.callId = facts.callId;
    this.#parameters = { From: facts.from, To: facts.to };
    this.ended = new Promise((resolve) => (this.#settleEnded = resolve));
    this.media = new LateMedia({
      platform,
      open: (parts) => parts.openMedia(this),
      onFailed: (error) => this.complain(error),
    });
    this.store = new Store(this.#firstSnapshot(facts), host.report);
    this.#driver = new Driver<CallInput, CallOutput>(platform, {
      step: (input, nowMs) => this.#step(input, nowMs),
      perform: (output) => this.#perform(output),
      deadlineMs: () => callDeadlineMs(this.#state),
      clock: { type: 'clock' },
    });
    this.call = new Call(this, host.report);
  }

  /** A call that rings here. Its media is brought up while it rings, with nothing of this person's open. */
  static incoming(host: CallHost, message: ServerMessageOf<'incoming'>): CallRunner {
    const { callId, from, to, params } = message;
    const runner = new CallRunner(host, { callId, state: ringCall(message), from, to, params });
    host.link.tell({ type: 'alerting', callId });
    runner.media.do((media, { ring }) => ring(runner, media, message));
    return runner;
  }

  get state(): CallState {
    return this.#state;
  }

  readonly feed = (input: CallInput): void => this.#driver.feed(input);

  #step(input: CallInput, nowMs: number): readonly CallOutput[] {
    const before = this.#state;
    const step = loadedCallParts()?.stepCall ?? stepRinging;
    const { state, outputs } = step(before, input, nowMs);
    this.#state = state;
    watched(this, (observer) => observer.stepped(input, state, nowMs), before);
    if (outputs.some((output) => output.type === 'over')) {
      // The microphone's light goes out before anybody is told.
      this.media.close();
    }
    this.refresh();
    return outputs;
  }

  #perform(output: CallOutput): void {
    const { callId } = this;
    switch (output.type) {
      case 'refuse':
        void this.host.link.request({ type: 'reject', callId, everywhere: output.everywhere });
        break;
      case 'lastWord':
        this.call.emit(output.name, output.end);
        break;
      case 'over':
        this.#over(output.end);
        break;
      default:
        // These are decided by what has been loaded with it.
        loadedCallParts()?.perform(this, output);
    }
  }

  #over(end: CallEnd): void {
    this.isOver = true;
    this.#driver.stop();
    this.host.log.info('call ended', { callSid: this.#state.callSid, reason: end.reason, by: end.by });
    this.host.calls.over(this, end);
    this.#settleEnded(end);
    if (end.error !== undefined) this.host.emit('error', end.error, this.call);
    this.call.emit('disconnect', this.call, end);
  }

  /** Everything the gateway says about this call. Before it has been answered or placed, that is only how it ends. */
  handle(message: CallNotification): void {
    if (this.isOver) return;
    if (message.type === 'ended') this.feed({ type: 'notice', notice: message });
    else this.media.do((media, { hear }) => hear(this, media, message));
  }

  /** Whether another call talks, so that this one, if it rings, waits. */
  wait(isTalking: boolean): void {
    this.store.update({ isWaiting: isTalking && isRingingHere(this.#state) });
  }

  signaling(news: SignalingNews): void {
    if (news !== 'Proven') this.feed({ type: news === 'Up' ? 'socketBack' : 'socketAway' });
    this.media.do((media) => media.signaling(news));
  }

  /** Answers. The same promise for all who ask, until an attempt has failed and it still rings. */
  accept(options: AcceptOptions): Promise<void> {
    if (this.#accepting !== null) return this.#accepting;
    const accepting = this.media.ask((media, parts) => parts.answer(this, media, options));
    this.#accepting = accepting;
    accepting.catch(() => {
      if (isRingingHere(this.#state)) this.#accepting = null;
    });
    return accepting;
  }

  /** Whether the person has agreed to be heard: before that nothing may be opened. */
  get mayOpen(): boolean {
    return !this.isOver && !isRingingHere(this.#state);
  }

  mute(isMuted: boolean): void {
    if (this.isOver) return;
    const hasChanged = this.store.update({ isMuted });
    const { mayOpen } = this;
    this.media.do((media) => media.own.mute(isMuted, mayOpen));
    if (hasChanged) this.call.emit('mute', isMuted, this.call);
  }

  muteVideo(isVideoMuted: boolean): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return this.media.ask((media, parts) => parts.muteVideo(this, media, isVideoMuted));
  }

  sendDigits(digits: string): Promise<void> {
    return this.media.ask((_media, parts) => parts.sendDigits(this, digits));
  }

  /** Does something that a call can between being joined and its end. */
  midCall<Result>(work: (parts: MidCall) => Promise<Result>): Promise<Result> {
    return this.media.ask((_media, { midCall }) => midCall(this, work));
  }

  unlock(): Promise<boolean> {
    return this.media.ask((media) => media.unlock());
  }

  getStats(): Promise<CallStats> {
    return this.media.ask((media) => media.getStats());
  }

  /** Tells of what went wrong while the call goes on. */
  complain(error: ClientError): void {
    if (this.isOver) return;
    this.call.emit('error', error);
    this.host.emit('error', error, this.call);
  }

  #firstSnapshot({ callId, state, params }: CallFacts): CallSnapshot {
    return {
      callId,
      direction: state.direction,
      customParameters: new Map(Object.entries(params)),
      isMuted: false,
      isVideoMuted: false,
      isWaiting: false,
      conference: null,
      quality: null,
      traceId: '',
      media: this.media.snapshot,
      ...this.#machineSnapshot(),
      parameters: { ...this.#parameters, CallSid: state.callSid },
    };
  }

  #machineSnapshot() {
    const { phase, other, video, isIgnored, hasEarlyMedia, answeredAtMs, standing } = this.#state;
    const end = phase.name === 'ended' ? phase.end : null;
    const status = statusOf(this.#state);
    return {
      status,
      phase: phase.name,
      other,
      video,
      isIgnored,
      hasEarlyMedia,
      answeredAtMs,
      ...standing,
      end,
    };
  }

  /** Puts what is different into the store. */
  refresh(): void {
    const before = this.store.getSnapshot();
    const { callSid } = this.#state;
    const { media } = this;
    const hasChanged = this.store.update({
      ...this.#machineSnapshot(),
      media: media.snapshot,
      parameters:
        callSid === before.parameters.CallSid ? before.parameters : { ...this.#parameters, CallSid: callSid },
    });
    if (media.snapshot !== before.media && !this.isOver) this.call.emit('mediaChanged', media.snapshot);
    if (hasChanged) this.host.calls.changed();
  }
}
