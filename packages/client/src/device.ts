import type {
  AudioControls,
  ConnectionStatus,
  ConnectOptions,
  DeviceEvents,
  DeviceOptionChanges,
  DeviceOptions,
  DeviceSnapshot,
  DeviceState,
  PlaybackControls,
  ReadableStore,
  ResumableCall,
  TokenProvider,
  VideoControls,
} from './api.ts';
import type { Call } from './call.ts';
import { Listenable } from './emitter.ts';
import { ClientError } from './errors.ts';
import { limitLogger } from './log.ts';
import { VERSION } from './version.ts';
import { browserPlatform } from './shell/browser-platform.ts';
import { DeviceRunner } from './shell/device-runner.ts';

/**
 * A phone in this page. It is called by the name in its token.
 *
 * ```ts
 * const device = new Device(() => fetch('/token').then((answer) => answer.text()));
 * device.on('incoming', (call) => call.accept({ video: true }));
 * await device.register();
 * const call = await device.connect({ to: 'jenny', video: true });
 * ```
 *
 * Making one touches nothing of the browser, so it may be made on a server.
 */
export class Device extends Listenable<DeviceEvents> implements AsyncDisposable {
  /** Whether this browser has what a call needs. Reads the browser's globals; `false` on a server. */
  static get isSupported(): boolean {
    return typeof WebSocket !== 'undefined' && typeof RTCPeerConnection !== 'undefined';
  }

  /** The version of this SDK. */
  static readonly version: string = VERSION;

  readonly #runner: DeviceRunner;
  /** Read by everybody at the moment it matters, so that `updateOptions` need not tell them. */
  readonly #options: DeviceOptions;
  /** The other side's sound, and the SDK's own, on this page. */
  readonly playback: PlaybackControls;
  /** The microphone, and where the other side and the ringing are heard. */
  readonly audio: AudioControls;
  /** The camera. */
  readonly video: VideoControls;

  constructor(token: string | TokenProvider, options: DeviceOptions = {}) {
    const kept = { ...options };
    const log = limitLogger(kept);
    const report = (thrown: unknown): void => log.error('a listener threw', { thrown });
    super(report);
    const runner = new DeviceRunner({
      token,
      options: kept,
      platform: options.platform ?? browserPlatform(),
      log,
      report,
      emit: (name, ...payload) => this.emit(name, ...payload),
    });
    this.#runner = runner;
    this.#options = kept;
    this.audio = runner.devices.audio;
    this.video = runner.devices.video;
    this.playback = {
      get blocked() {
        return runner.store.getSnapshot().playback.blocked;
      },
      unlock: () => runner.unlock(),
    };
  }

  /**
   * Registers: from now on this device rings. Resolves when it does; asking twice is fine. While the network is away
   * it goes on trying; it rejects when the gateway refuses, when `signal` aborts, and when the device is destroyed.
   */
  register(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#runner.register(options.signal);
  }

  /** Stops ringing. Calls that are running go on. */
  unregister(): Promise<void> {
    return this.#runner.unregister();
  }

  /** Hangs up everything, leaves, and is of no more use. */
  destroy(): Promise<void> {
    return this.#runner.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#runner.destroy();
  }

  /** Gives a new token; running calls are not touched. Not needed with a token provider. */
  updateToken(token: string): void {
    this.#runner.updateToken(token);
  }

  /** Changes some options; what is running goes by them from now on, `deviceLabel` from the next connection. */
  updateOptions(options: DeviceOptionChanges): void {
    Object.assign(this.#options, options);
    this.#runner.optionsChanged();
  }

  /** Loads the media engine now, if it is not loaded yet. Needs a connection. */
  preload(): Promise<void> {
    return this.#runner.preload();
  }

  /**
   * Places a call. Resolves as soon as the call exists, long before it is answered; how it goes is in the call. Needs
   * no registration. Rejects with `no-media-engine` where what every call needs could not be loaded, and with `aborted`
   * where the signal aborts, or all is hung up, before the call exists.
   */
  async connect(options: ConnectOptions = {}): Promise<Call> {
    if (options.signal?.aborted === true) throw new ClientError('aborted');
    return (await this.#runner.connect(options)).call;
  }

  /**
   * Calls of the page that was in this tab before and was reloaded, or left for this one. Ask before `register()`, each
   * time the page is loaded: asking is also what makes this page leave its own calls to the next. A call that is not
   * taken back within the gateway's grace is hung up. A page that never asks ends its calls when it is left.
   */
  resumable(): Promise<readonly ResumableCall[]> {
    return this.#runner.resumable();
  }

  /** Hangs up everything. A `connect()` that has no call yet rejects with `aborted`, and nobody is called. */
  disconnectAll(): void {
    this.#runner.hangUp();
  }

  /** Asks to be told who can be called, in the store and by `presence`, until asked to stop. */
  watchPresence(on = true): void {
    this.#runner.watchPresence(on);
  }

  /** Calls that are not over, oldest first. */
  get calls(): readonly Call[] {
    return this.store.getSnapshot().calls;
  }

  /** The call that talks, rather than one this device has put on hold; without one, the oldest; null without calls. */
  get activeCall(): Call | null {
    const open = this.calls
      .filter((call) => call.status() === 'open' || call.status() === 'reconnecting')
      .toSorted((one, other) => Number(one.held.local) - Number(other.held.local))[0];
    return open ?? this.calls[0] ?? null;
  }

  get state(): DeviceState {
    return this.store.getSnapshot().state;
  }

  get connection(): ConnectionStatus {
    return this.store.getSnapshot().connection;
  }

  get identity(): string | null {
    return this.store.getSnapshot().identity;
  }

  /** Whether this page rings audibly, of all that this person has open. */
  get isLeaderTab(): boolean {
    return this.store.getSnapshot().isLeaderTab;
  }

  get isBusy(): boolean {
    return this.store.getSnapshot().isBusy;
  }

  /** Everything there is to know, as immutable snapshots. */
  get store(): ReadableStore<DeviceSnapshot> {
    return this.#runner.store;
  }
}
