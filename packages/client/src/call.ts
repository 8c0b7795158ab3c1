import type {
  AcceptOptions,
  CallEnd,
  CallEvents,
  CallMedia,
  CallParameters,
  CallSnapshot,
  CallStats,
  CallStatus,
  FeedbackIssue,
  HoldState,
  OutgoingMessage,
  ReadableStore,
  RejectOptions,
  Sample,
  TransferOptions,
} from './api.ts';
import { Listenable } from './emitter.ts';
import type { CallRunner } from './shell/call-runner.ts';
import { observerOf } from './shell/observe.ts';
import { mediaAtHand } from './shell/media-at-hand.ts';

/**
 * One call, from this device's point of view. Everything about it can be read at any time in `store`; events follow
 * from its changes. Asking twice is fine, and asking for what cannot be any more does nothing.
 */
export class Call extends Listenable<CallEvents> implements AsyncDisposable {
  readonly #runner: CallRunner;
  /** The call's media, at hand. */
  readonly media: CallMedia;

  /** @internal Made by {@link Device}. */
  constructor(runner: CallRunner, report: (thrown: unknown) => void) {
    super(report);
    this.#runner = runner;
    this.media = mediaAtHand(runner);
  }

  /** Everything there is to know, as immutable snapshots. */
  get store(): ReadableStore<CallSnapshot> {
    return this.#runner.store;
  }

  /** Names the call on this device from the moment it exists. */
  get callId(): string {
    return this.#runner.callId;
  }

  get direction(): 'incoming' | 'outgoing' {
    return this.#runner.store.getSnapshot().direction;
  }

  /** Twilio's `From`, `To` and `CallSid`; the names are plain, without `client:`. */
  get parameters(): CallParameters {
    return this.#runner.store.getSnapshot().parameters;
  }

  /** What was sent along: `<Parameter>`s and the part after `?` of the name, or the params of `connect`. */
  get customParameters(): ReadonlyMap<string, string> {
    return this.#runner.store.getSnapshot().customParameters;
  }

  status(): CallStatus {
    return this.#runner.store.getSnapshot().status;
  }

  /** Settles once, always, and never rejects. */
  get ended(): Promise<CallEnd> {
    return this.#runner.ended;
  }

  /**
   * Answers. Resolves when the gateway has taken the answer. Rejects when somebody was faster; and, the call then rings
   * on, when the microphone was refused before the answer was given, or the media engine could not be loaded. The same
   * promise for all who ask.
   */
  accept(options: AcceptOptions = {}): Promise<void> {
    return this.#runner.accept(options);
  }

  /** Refuses: this device stops ringing, the person's others ring on unless `everywhere`. */
  reject(options: RejectOptions = {}): void {
    this.#runner.feed({ type: 'reject', everywhere: options.everywhere ?? false });
  }

  /** Stops the sound on this device, and decides nothing: the call rings on, and may still be answered here. */
  ignore(): void {
    this.#runner.feed({ type: 'ignore' });
  }

  /** Hangs up, gives up or refuses, whichever is left to do. The call is over here at once. */
  disconnect(): Promise<CallEnd> {
    this.#runner.feed({ type: 'hangup' });
    return this.#runner.ended;
  }

  /** `await using call = …` hangs up at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
  }

  /** Silences the microphone, or lets it be heard again. The intention outlives devices and reconnects. */
  mute(on = true): void {
    this.#runner.mute(on);
  }

  isMuted(): boolean {
    return this.#runner.store.getSnapshot().isMuted;
  }

  /**
   * Switches one's own picture off, which closes the camera, or on, which opens it again. Rejects when the camera
   * cannot be opened; the call goes on without it.
   */
  muteVideo(on = true): Promise<void> {
    return this.#runner.muteVideo(on);
  }

  isVideoMuted(): boolean {
    return this.#runner.store.getSnapshot().isVideoMuted;
  }

  /** Presses keys: `0`–`9 * # A`–`D`, and `w` for half a second. Resolves when the gateway has them. */
  sendDigits(digits: string): Promise<void> {
    return this.#runner.sendDigits(digits);
  }

  /**
   * Puts the other side on hold, who hears music and neither hears nor sees this person; or takes her back, and puts this
   * device's other calls on hold (`autoHold`). Resolves when the gateway has done so. Rejects with `hold-refused` where
   * nobody is joined, and in a conference.
   */
  hold(on = true): Promise<void> {
    return this.#runner.midCall((parts) => parts.hold(on));
  }

  get held(): HoldState {
    return this.#runner.store.getSnapshot().held;
  }

  /**
   * Hands the other side over: to whoever is called by a name, or to the other side of another call of this device.
   * Resolves when it is done; the call is then over here (`transferred`). Rejects with `transfer-failed` when nobody took
   * the call: the two are joined again. With `transfer-refused` nothing has happened. Hanging up meanwhile does not undo it.
   */
  transfer(options: TransferOptions): Promise<void> {
    return this.#runner.midCall((parts) => parts.transfer(options));
  }

  /** Sends something to the other side. Resolves when the gateway has passed it on, with the name it has there. */
  sendMessage(message: OutgoingMessage): Promise<{ readonly id: string }> {
    return this.#runner.midCall((parts) => parts.sendMessage(message));
  }

  /**
   * How the call sounds and looks, a sample a second, until it is over or `signal` aborts. Whoever reads slowly misses
   * the oldest.
   */
  async *samples(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<Sample, void> {
    yield* (await observerOf(this.#runner)).samples(options.signal);
  }

  /**
   * Tells the gateway what this person thought of the call, 1 (bad) to 5; also after it is over, while the device lives.
   * The last word counts.
   */
  async postFeedback(score: 1 | 2 | 3 | 4 | 5, issue?: FeedbackIssue): Promise<void> {
    await (await observerOf(this.#runner)).postFeedback(score, issue);
  }

  /**
   * What happened in this call, as a JSON file to be sent to somebody: states, frames by name, samples. Without tokens,
   * addresses, parameters and media descriptions.
   */
  async exportTrace(): Promise<Blob> {
    return (await observerOf(this.#runner)).exportTrace();
  }

  /** Figures of the media path, as the browser counts them. */
  getStats(): Promise<CallStats> {
    return this.#runner.getStats();
  }
}
