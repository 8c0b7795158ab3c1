import type { Call as ParleyCall } from '../call.ts';
import type { CallMessage, CallStats, QualityWarning } from '../api.ts';
import { ClientError } from '../errors.ts';
import { Listeners } from './listeners.ts';
import { TwilioSamples, type TwilioSample } from './twilio-sample.ts';

const State = {
  Closed: 'closed',
  Connecting: 'connecting',
  Open: 'open',
  Pending: 'pending',
  Reconnecting: 'reconnecting',
  Ringing: 'ringing',
} as const;
const CallDirection = { Incoming: 'INCOMING', Outgoing: 'OUTGOING' } as const;
const Codec = { Opus: 'opus', PCMU: 'pcmu' } as const;
const FeedbackScore = { One: 1, Two: 2, Three: 3, Four: 4, Five: 5 } as const;
const FeedbackIssue = {
  AudioLatency: 'audio-latency',
  ChoppyAudio: 'choppy-audio',
  DroppedCall: 'dropped-call',
  Echo: 'echo',
  NoisyCall: 'noisy-call',
  OneWayAudio: 'one-way-audio',
} as const;

/** What a call is answered with. */
export interface TwilioAcceptOptions {
  /** Of these, `audio` is what the microphone is opened with, and `video`, which Twilio has not, the camera. */
  readonly rtcConstraints?: { readonly audio?: MediaConstraint; readonly video?: MediaConstraint };
}

type MediaConstraint = boolean | MediaTrackConstraints;

/** What a call tells, in Twilio's words. */
export interface TwilioCallEvents {
  accept: [call: Call];
  cancel: [];
  disconnect: [call: Call];
  error: [error: ClientError];
  mute: [isMuted: boolean, call: Call];
  reconnected: [];
  reconnecting: [error: ClientError];
  reject: [];
  ringing: [hasEarlyMedia: boolean];
  messageReceived: [message: TwilioMessage];
  messageSent: [message: TwilioMessage];
  /** Once a second while it talks. */
  sample: [sample: TwilioSample];
  /** While it talks, several times a second: how loud this person is, and the other, 0 to 1. */
  volume: [inputVolume: number, outputVolume: number];
  warning: [name: string, data: QualityWarning];
  'warning-cleared': [name: string];
}

/** A message within a call, as Twilio writes it. */
export interface TwilioMessage {
  readonly content: unknown;
  readonly contentType?: string;
  readonly messageType: string;
  readonly voiceEventSid?: string;
}

/** A call, as Twilio Voice has it. `parley` is the call underneath, with everything Twilio has not. */
export class Call extends Listeners<TwilioCallEvents> {
  static readonly State = State;
  static readonly CallDirection = CallDirection;
  static readonly Codec = Codec;
  static readonly FeedbackScore = FeedbackScore;
  static readonly FeedbackIssue = FeedbackIssue;

  /** The call underneath. */
  readonly parley: ParleyCall;
  /** Nobody has verified a caller who has no number. */
  readonly callerInfo: { readonly isVerified: boolean } | null = null;
  readonly customParameters: Map<string, string>;
  /** Messages on their way, oldest first, by the names they were given here. */
  #sending: readonly { readonly id: string; readonly text: string }[] = [];

  /** @internal Made by the device. */
  constructor(call: ParleyCall) {
    super();
    this.parley = call;
    this.customParameters = new Map(call.customParameters);
    let isOpen = false;
    let isSilent = false;
    const opened = (): void => {
      if (isOpen) return;
      isOpen = true;
      this.emit('accept', this);
    };
    call.on('answered', opened);
    call.on('accept', opened);
    call.on('ringing', (hasEarlyMedia) => this.emit('ringing', hasEarlyMedia));
    call.on('mute', (isMuted) => this.emit('mute', isMuted, this));
    call.on('reconnecting', (error) => this.emit('reconnecting', error));
    call.on('reconnected', () => this.emit('reconnected'));
    call.on('error', (error) => this.emit('error', error));
    call.on('messageReceived', (message) => this.emit('messageReceived', messageOf(message)));
    call.on('messageSent', (message) => this.emit('messageSent', this.#sent(message)));
    const samples = new TwilioSamples();
    call.on('sample', (sample) => this.emit('sample', samples.add(sample)));
    call.on('volume', (input, output) => this.emit('volume', input, output));
    call.on('warning', (warning) => this.emit('warning', warning.name, warning));
    call.on('warning-cleared', ({ name }) => this.emit('warning-cleared', name));
    // Twilio's words for a call that was never taken are its last.
    call.on('cancel', () => {
      isSilent = true;
      this.emit('cancel');
    });
    call.on('reject', () => {
      if (call.direction === 'outgoing') return;
      isSilent = true;
      this.emit('reject');
    });
    call.on('disconnect', (_call, { error }) => {
      if (error !== undefined) this.emit('error', error);
      if (!isSilent) this.emit('disconnect', this);
    });
  }

  get direction(): 'INCOMING' | 'OUTGOING' {
    return this.parley.direction === 'incoming' ? 'INCOMING' : 'OUTGOING';
  }

  /**
   * Names a call that comes in for another device of the same person: `device.connect({ connectToken })` answers it there.
   * Calls that were placed have none, unlike Twilio's.
   */
  get connectToken(): string | undefined {
    return this.parley.direction === 'incoming' ? this.parley.parameters.CallSid : undefined;
  }

  /** Names a call that was placed, from the moment it exists, on this side and in the gateway. */
  get outboundConnectionId(): string | undefined {
    return this.parley.direction === 'outgoing' ? this.parley.callId : undefined;
  }

  get codec(): string {
    return 'opus';
  }

  /** `From`, `To` (as `client:alice`) and `CallSid`. */
  get parameters(): Record<string, string> {
    const { From, To, CallSid } = this.parley.parameters;
    return { From: clientUri(From), To: clientUri(To), CallSid };
  }

  /** Answers. What goes wrong is told by `error`. */
  accept({ rtcConstraints = {} }: TwilioAcceptOptions = {}): void {
    const { audio = true, video = false } = rtcConstraints;
    this.parley.accept({ microphone: audio, video }).catch((thrown: unknown) => this.#failed(thrown));
  }

  reject(): void {
    this.parley.reject();
  }

  ignore(): void {
    this.parley.ignore();
  }

  disconnect(): void {
    void this.parley.disconnect();
  }

  mute(shouldMute = true): void {
    this.parley.mute(shouldMute);
  }

  isMuted(): boolean {
    return this.parley.isMuted();
  }

  status(): 'closed' | 'connecting' | 'open' | 'pending' | 'reconnecting' | 'ringing' {
    return this.parley.status();
  }

  /** Presses keys. What goes wrong is told by `error`. */
  sendDigits(digits: string): void {
    this.parley.sendDigits(digits).catch((thrown: unknown) => this.#failed(thrown));
  }

  /**
   * Sends something to the other side, and answers with its name at once; `messageSent` says that the gateway has it,
   * `error` that it has not. Throws where there is nothing to send. The other side sees another name of it.
   */
  sendMessage({ content, contentType, messageType }: TwilioMessage): string {
    if (content === undefined || content === null || messageType === '')
      throw new ClientError('invalid-argument', 'content and messageType: something');
    const id = newMessageSid();
    const sending = { id, text: JSON.stringify(content) };
    this.#sending = [...this.#sending, sending];
    const type = contentType === undefined ? {} : { contentType };
    this.parley
      .sendMessage({ content, messageType, ...type })
      .catch((thrown: unknown) => this.#failed(thrown))
      .finally(() => {
        this.#sending = this.#sending.filter((other) => other !== sending);
      });
    return id;
  }

  /** What was sent here has the name it was given here. */
  #sent(message: CallMessage): TwilioMessage {
    const text = JSON.stringify(message.content);
    const mine = this.#sending.find((sending) => sending.text === text);
    this.#sending = this.#sending.filter((sending) => sending !== mine);
    return messageOf(mine === undefined ? message : { ...message, id: mine.id });
  }

  getLocalStream(): MediaStream | undefined {
    return this.parley.media.local ?? undefined;
  }

  getRemoteStream(): MediaStream | undefined {
    return this.parley.media.remote ?? undefined;
  }

  /** What the person thought of the call, 1 (bad) to 5. */
  async postFeedback(score?: Call.FeedbackScore, issue?: Call.FeedbackIssue): Promise<void> {
    // Twilio takes a call without an opinion; there is nothing to tell then.
    if (score !== undefined) await this.parley.postFeedback(score, issue);
  }

  /** Figures of the media path; what Twilio's `sample` events hold comes from them. */
  getStats(): Promise<CallStats> {
    return this.parley.getStats();
  }

  #failed(thrown: unknown): void {
    this.emit('error', thrown as ClientError);
  }

  override toString(): string {
    return '[Parley.compat.twilio Call instance]';
  }
}

/** Random, as on every page: a `randomUUID` is on secure ones only. */
function newMessageSid(): string {
  const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)));
  return `KX${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function messageOf({ id, content, contentType, messageType }: CallMessage): TwilioMessage {
  return { content, contentType, messageType, voiceEventSid: id };
}

/** Twilio writes clients with what they are. */
function clientUri(name: string): string {
  return name === '' || name.startsWith('+') || name.includes(':') ? name : `client:${name}`;
}

/** The types Twilio has within its class. */
// oxlint-disable-next-line typescript/no-namespace, no-redeclare -- Twilio's names are in a namespace, and code says `Call.State`.
export declare namespace Call {
  export type State = (typeof State)[keyof typeof State];
  export type CallDirection = (typeof CallDirection)[keyof typeof CallDirection];
  export type Codec = (typeof Codec)[keyof typeof Codec];
  export type FeedbackScore = (typeof FeedbackScore)[keyof typeof FeedbackScore];
  export type FeedbackIssue = (typeof FeedbackIssue)[keyof typeof FeedbackIssue];
  export type AcceptOptions = TwilioAcceptOptions;
}
