import type { ClientMessage, ServerMessageOf, ServerNotification } from '@parley/protocol';
import type {
  ConnectOptions,
  DeviceEvents,
  DeviceOptions,
  DeviceSnapshot,
  ResumableCall,
  TokenProvider,
} from '../api.ts';
import type { CallEnd } from '../core/call-end.ts';
import type { Connection } from '../core/connection.ts';
import type { Failure } from '../core/failure.ts';
import { asClientError, ClientError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Platform } from '../platform.ts';
import { Store } from '../store.ts';
import { CallRunner, type CallHost } from './call-runner.ts';
import { Calls } from './calls.ts';
import { isSameStatus, statusOfLink } from './connection-status.ts';
import { GatewayLink } from './gateway-link.ts';
import { LateDevices } from './late-devices.ts';
import { loadCallParts, loadedCallParts, type CallParts } from './late-media.ts';
import type { PagePart } from './page-part.ts';
import type { Presence } from './presence.ts';
import { Registration } from './registration.ts';
import { TokenSource } from './token-source.ts';
import { Waiting } from './waiting.ts';

export interface DeviceRunnerOptions {
  readonly token: string | TokenProvider;
  readonly options: DeviceOptions;
  readonly platform: Platform;
  readonly log: Logger;
  readonly report: (thrown: unknown) => void;
  readonly emit: <Name extends keyof DeviceEvents>(name: Name, ...payload: DeviceEvents[Name]) => void;
}

/** Runs a device: its way to the gateway, its registration and its calls, and keeps its store in step with them. */
export class DeviceRunner {
  readonly store: Store<DeviceSnapshot>;
  readonly #options: DeviceRunnerOptions;
  readonly #tokens: TokenSource;
  readonly #link: GatewayLink;
  readonly #registration: Registration;
  readonly #calls: Calls;
  /** Calls that were asked for and do not exist yet: what a call needs is still being loaded. */
  readonly #unplaced = new Waiting();
  /** What calls may ask of their device. */
  readonly #host: CallHost;
  #loadingPage: Promise<PagePart> | null = null;
  #page: PagePart | null = null;
  readonly devices: LateDevices;
  #isSignalingUp = false;
  #wantsPresence = false;
  /** Null until what a call needs has been loaded. */
  #presence: Presence | null = null;
  /** Why calls end when the session does, where that is our doing. */
  #leavingReason: CallEnd['reason'] | null = null;

  constructor(options: DeviceRunnerOptions) {
    this.#options = options;
    const { platform, log } = options;
    this.store = new Store(INITIAL, options.report);
    this.#tokens = new TokenSource(platform, options.token);
    this.#calls = new Calls(this.store, platform, options.options);
    this.devices = new LateDevices({ ...options, calls: this.#calls, store: this.store });
    this.#link = new GatewayLink({
      platform,
      device: options.options,
      tokens: this.#tokens,
      log,
      onWelcome: (welcome) => this.#onWelcome(welcome),
      onNotification: (message) => this.#onNotification(message),
      onSessionLost: (unanswered, failure) => this.#onSessionLost(unanswered, failure),
      onFailed: (failure, isFatal) => this.#onFailed(failure, isFatal),
      onProven: () => this.#calls.signaling('Proven'),
      onChange: (connection) => this.#onConnection(connection),
    });
    this.#registration = new Registration({ link: this.#link, store: this.store, emit: options.emit });
    this.#host = {
      ...options,
      store: this.store,
      calls: this.#calls,
      link: this.#link,
      devices: this.devices,
      welcome: null,
      engineRoom: null,
    };
  }

  async register(signal: AbortSignal | undefined): Promise<void> {
    this.#start();
    return this.#registration.register(signal);
  }

  async unregister(): Promise<void> {
    if (this.#isDestroyed) return;
    await this.#registration.unregister(this.#calls.size + this.#unplaced.size > 0);
  }

  async preload(): Promise<void> {
    this.#start();
    this.#wantConnection();
    const { engineRoomOf } = await this.#callParts();
    await engineRoomOf(this.#host).load();
  }

  async resumable(): Promise<readonly ResumableCall[]> {
    this.#start();
    const page = (this.#loadingPage ??= this.#loadPage());
    const returning = page.then((loaded) => loaded.takeBack());
    this.#link.holdUntil(returning.then(({ ready }) => ready));
    return (await returning).offered;
  }

  async connect(options: ConnectOptions): Promise<CallRunner> {
    this.#start();
    this.#wantConnection();
    const { place } = loadedCallParts() ?? (await this.#partsFor(options.signal));
    // Refused for good while it was loaded: the call hears why, which is not to wait for a gateway nobody asks any more.
    this.#wantConnection();
    return place(this.#host, options);
  }

  #wantConnection(): void {
    if (this.#link.state.wanted === 'nothing') this.#link.feed({ type: 'want', wanted: 'connected' });
  }

  async #partsFor(signal: AbortSignal | undefined): Promise<CallParts> {
    const parts = this.#callParts();
    parts.then(() => this.#unplaced.tell(), this.#unplaced.tell);
    await this.#unplaced.join(signal);
    return parts;
  }

  hangUp(): void {
    this.#unplaced.tell(new ClientError('aborted'));
    this.#calls.hangUp();
  }

  /** What a call needs besides ringing. Rejects where it cannot be loaded, and where the device was destroyed meanwhile. */
  async #callParts(): Promise<CallParts> {
    const parts = await loadCallParts(this.#options.platform);
    if (this.#isDestroyed) throw new ClientError('destroyed');
    return parts;
  }

  async destroy(): Promise<void> {
    if (this.#isDestroyed) return;
    this.#unplaced.tell(new ClientError('destroyed'));
    this.#calls.hangUp();
    this.#leavingReason = 'destroyed';
    this.#link.feed({ type: 'want', wanted: 'nothing' });
    this.#link.stop();
    this.#tokens.stop();
    this.#calls.close();
    this.devices.desk?.close();
    this.#host.engineRoom?.stop();
    this.#page?.stop();
    this.#registration.destroy();
  }

  /** Some of the options, which everybody reads when needed, are different now. */
  optionsChanged(): void {
    this.#calls.changed();
  }

  updateToken(token: string): void {
    this.#tokens.set(token);
    this.#renewToken(token);
  }

  watchPresence(on: boolean): void {
    this.#wantsPresence = on;
    this.#presence?.watch(on);
  }

  unlock(): Promise<boolean> {
    return this.#calls.unlock();
  }

  get #isDestroyed(): boolean {
    return this.store.getSnapshot().state === 'destroyed';
  }

  /** Everything that touches the page begins here, not in the constructor. */
  #start(): void {
    if (this.#isDestroyed) throw new ClientError('destroyed');
    const { platform, options } = this.#options;
    try {
      platform.resolveUrl(options.url);
    } catch (thrown) {
      throw asClientError(thrown, 'invalid-argument');
    }
    this.#leavingReason = null;
    this.#loadTheRest();
  }

  /** While the token is fetched and the socket opened. A failure is nobody's call: whoever needs it loads it again. */
  #loadTheRest(): void {
    this.#loadingPage ??= this.#loadPage();
    this.#callParts().then(
      ({ engineRoomOf, Presence: Part, recallDevices }) => {
        engineRoomOf(this.#host);
        this.#presence ??= new Part(this.#host, this.#wantsPresence);
        recallDevices(this.devices);
      },
      () => undefined,
    );
  }

  /** In the background; a page that is left before that has nothing to lose. Where it fails, the next welcome tries again. */
  #loadPage(): Promise<PagePart> {
    const parts = Promise.all([import('./page-part.ts'), this.#options.platform.preparePage?.()]);
    const loading = parts.then(([{ PagePart: Part }]) => this.#createPage(Part));
    loading.catch((error: unknown) => {
      this.#loadingPage = null;
      if (!this.#isDestroyed) this.#options.log.warn('the page is not watched', { error });
    });
    return loading;
  }

  #createPage(Part: typeof PagePart): PagePart {
    if (this.#isDestroyed) throw new ClientError('destroyed');
    return (this.#page = new Part({
      ...this.#options,
      store: this.store,
      link: this.#link,
      calls: this.#calls,
      createRunner: (facts) => new CallRunner(this.#host, facts),
      onLeave: (mayReturn) => {
        this.#leavingReason = 'page-unload';
        this.#unplaced.tell(new ClientError('aborted'));
        this.#link.feed({ type: 'pageLeft', mayReturn });
        this.#registration.lost(undefined);
      },
    }));
  }

  #onWelcome(welcome: ServerMessageOf<'welcome'>): void {
    this.#onConnection(this.#link.state);
    this.store.update({ identity: welcome.identity });
    this.#host.welcome = welcome;
    this.#host.engineRoom?.onWelcome(welcome);
    if (this.#presence === null) this.#loadTheRest();
    else this.#presence.onWelcome(welcome);
    if (welcome.resumed) this.#calls.lookForMissing(welcome, this.#heardSeq);
    this.#registration.onWelcome(welcome);
    this.#page?.onWelcome(welcome);
  }

  get #heardSeq(): number {
    return this.#link.state.session?.lastSeq ?? 0;
  }

  #onNotification(message: ServerNotification): void {
    switch (message.type) {
      case 'incoming':
        this.#onIncoming(message);
        break;
      case 'presence':
        this.#presence?.heard(message.people);
        break;
      case 'tokenExpiring':
        this.#onTokenExpiring(message.inMs);
        break;
      case 'goAway':
        this.#options.log.info('the gateway is going out of service', { inMs: message.inMs });
        break;
      default:
        // One for a call that is over here crossed our word that it is.
        (this.#calls.get(message.callId) ?? this.#page)?.handle(message);
    }
    this.#calls.endMissing(this.#heardSeq);
    this.#page?.heard();
  }

  #onIncoming(message: ServerMessageOf<'incoming'>): void {
    const { callId, callSid } = message;
    if (this.#calls.get(callId) !== undefined) return;
    if (this.store.getSnapshot().isBusy && this.#options.options.allowIncomingWhileBusy === false) {
      void this.#link.request({ type: 'reject', callId, everywhere: false, why: 'busy' });
      return;
    }
    this.#options.log.info('incoming call', { callSid });
    const runner = CallRunner.incoming(this.#host, message);
    this.#calls.add(runner);
    this.#options.emit('incoming', runner.call);
  }

  #onTokenExpiring(inMs: number): void {
    this.#options.emit('tokenWillExpire', inMs);
    if (!this.#tokens.canAsk) return;
    this.#tokens.fetch('expiring').then(
      (token) => this.#renewToken(token),
      (thrown: unknown) => this.#options.emit('error', asClientError(thrown, 'token-unavailable')),
    );
  }

  #renewToken(token: string): void {
    this.#link.feed({ type: 'tokenCame', token });
    if (this.#link.state.session === null) return;
    this.#link.request({ type: 'renewToken', token }).catch((thrown: unknown) => {
      this.#options.emit('error', asClientError(thrown, 'token-invalid'));
    });
  }

  #onSessionLost(unanswered: readonly ClientMessage[], failure: Failure | null): void {
    const error = failure === null ? undefined : new ClientError(failure.name, failure.message);
    const reason = this.#leavingReason ?? (error?.category === 'auth' ? 'forbidden' : 'network');
    this.#calls.sessionLost(unanswered, reason, error);
    this.#page?.onSessionLost(reason, error);
    this.#host.engineRoom?.onSessionLost();
    this.#registration.onSessionLost();
  }

  #onFailed(failure: Failure, isFatal: boolean): void {
    const error = new ClientError(failure.name, failure.message);
    this.#options.emit('error', error);
    if (isFatal) this.#registration.lost(error);
  }

  #onConnection(connection: Connection): void {
    const status = statusOfLink(connection);
    const before = this.store.getSnapshot().connection;
    if (!isSameStatus(before, status)) {
      this.store.update({ connection: Object.freeze(status) });
      this.#options.emit('connection', status);
    }
    const isUp = connection.link.name === 'online';
    if (isUp === this.#isSignalingUp) return;
    this.#isSignalingUp = isUp;
    this.#calls.signaling(isUp ? 'Up' : 'Down');
  }
}

const INITIAL: DeviceSnapshot = {
  state: 'unregistered',
  connection: { state: 'offline', attempt: 0 },
  identity: null,
  rings: false,
  isLeaderTab: true,
  calls: [],
  isBusy: false,
  presence: [],
  playback: { blocked: false },
};
