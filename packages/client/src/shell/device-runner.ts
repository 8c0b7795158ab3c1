import {
  WIRE_LIMITS,
  type ClientMessage,
  type ServerMessageOf,
  type ServerNotification,
} from '@parley/protocol';
import type {
  ConnectionStatus,
  ConnectOptions,
  DeviceEvents,
  DeviceOptions,
  DeviceSnapshot,
  TokenProvider,
} from '../api.ts';
import type { Call } from '../call.ts';
import type { CallEnd } from '../core/call-end.ts';
import type { Connection } from '../core/connection.ts';
import type { Failure } from '../core/failure.ts';
import { asClientError, ClientError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { MediaEngine } from '../media-engine.ts';
import type { LifecycleEvent, Platform } from '../platform.ts';
import { Store } from '../store.ts';
import { CallRunner, type CallHost } from './call-runner.ts';
import { EngineRoom } from './engine-room.ts';
import { GatewayLink } from './gateway-link.ts';
import { Registration } from './registration.ts';
import { Ringer } from './ringer.ts';
import { TokenSource } from './token-source.ts';

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
  readonly #engineRoom: EngineRoom;
  readonly #ringer: Ringer;
  readonly #runners = new Map<string, CallRunner>();
  /** Who should be heard and is not: calls, or the device itself, whose ringing is its own. */
  readonly #blocked = new Set<CallRunner | DeviceRunner>();
  #stopLifecycle: (() => void) | null = null;
  #isSignalingUp = false;
  #wantsPresence = false;
  /** Why calls end when the session does, where that is our doing. */
  #leavingReason: CallEnd['reason'] | null = null;
  /** Calls the gateway did not know at the last resume, and the notification after which that is final. */
  #missing: { readonly afterSeq: number; readonly runners: readonly CallRunner[] } | null = null;

  constructor(options: DeviceRunnerOptions) {
    this.#options = options;
    const { platform, log } = options;
    const { url, deviceLabel, sounds } = options.options;
    this.store = new Store(INITIAL, options.report);
    this.#tokens = new TokenSource(platform, options.token);
    this.#ringer = new Ringer(platform, sounds, (isBlocked) => this.#blockedChanged(this, isBlocked));
    this.#link = new GatewayLink({
      platform,
      url,
      deviceLabel,
      tokens: this.#tokens,
      log,
      onWelcome: (welcome) => this.#onWelcome(welcome),
      onNotification: (message) => this.#onNotification(message),
      onSessionLost: (unanswered, failure) => this.#onSessionLost(unanswered, failure),
      onFailed: (failure, isFatal) => this.#onFailed(failure, isFatal),
      onChange: (connection) => this.#onConnection(connection),
    });
    this.#registration = new Registration({ link: this.#link, store: this.store, emit: options.emit });
    this.#engineRoom = new EngineRoom({ platform, link: this.#link, log });
  }

  async register(signal: AbortSignal | undefined): Promise<void> {
    this.#start();
    return this.#registration.register(signal);
  }

  async unregister(): Promise<void> {
    if (this.#isDestroyed) return;
    await this.#registration.unregister(this.#runners.size > 0);
  }

  async preload(): Promise<void> {
    this.#start();
    if (this.#link.state.wanted === 'nothing') this.#link.feed({ type: 'want', wanted: 'connected' });
    await this.#engineRoom.load();
  }

  connect(options: ConnectOptions): CallRunner {
    this.#start();
    checkParams(options);
    if (this.#link.state.wanted === 'nothing') this.#link.feed({ type: 'want', wanted: 'connected' });
    const runner = CallRunner.outgoing(this.#host, this.store.getSnapshot().identity ?? '', options);
    this.#add(runner);
    return runner;
  }

  async destroy(): Promise<void> {
    if (this.#isDestroyed) return;
    for (const runner of this.#runners.values()) runner.feed({ type: 'hangup' });
    this.#leavingReason = 'destroyed';
    this.#link.feed({ type: 'want', wanted: 'nothing' });
    this.#link.stop();
    this.#tokens.stop();
    this.#ringer.close();
    this.#engineRoom.stop();
    this.#stopLifecycle?.();
    this.#registration.destroy();
  }

  updateToken(token: string): void {
    this.#tokens.set(token);
    this.#renewToken(token);
  }

  watchPresence(on: boolean): void {
    this.#wantsPresence = on;
    if (!on) this.store.update({ presence: [] });
    if (this.#link.state.session !== null) void this.#link.request({ type: 'watchPresence', on });
  }

  async unlock(): Promise<boolean> {
    const runners = [...this.#runners.values()];
    const results = await Promise.all([this.#ringer.unlock(), ...runners.map((runner) => runner.unlock())]);
    return results.every(Boolean);
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
    this.#stopLifecycle ??= platform.watchLifecycle((event) => this.#onLifecycle(event));
  }

  #onLifecycle(event: LifecycleEvent): void {
    switch (event) {
      case 'leave':
        this.#leavingReason = 'page-unload';
        this.#link.feed({ type: 'pageLeft' });
        this.#registration.lost(undefined);
        break;
      case 'suspend':
        this.#link.feed({ type: 'pageSuspended' });
        break;
      case 'resume':
        this.#link.feed({ type: 'pageResumed' });
        break;
      case 'wake':
      case 'online':
      case 'offline':
        this.#link.feed({ type: 'woke' });
        break;
    }
  }

  #onWelcome(welcome: ServerMessageOf<'welcome'>): void {
    this.#onConnection(this.#link.state);
    this.store.update({ identity: welcome.identity });
    this.#engineRoom.onWelcome(welcome);
    if (!welcome.resumed && this.#wantsPresence) void this.#link.request({ type: 'watchPresence', on: true });
    if (welcome.resumed) this.#lookForMissing(welcome);
    this.#registration.onWelcome(welcome);
  }

  #lookForMissing({ calls, lastSeq }: ServerMessageOf<'welcome'>): void {
    const isMissing = (runner: CallRunner): boolean =>
      runner.state.callSid !== '' && !calls.some(({ callId }) => callId === runner.callId);
    this.#missing = { afterSeq: lastSeq, runners: [...this.#runners.values()].filter(isMissing) };
    this.#endMissing();
  }

  /** What was replayed has said how most of them ended; nobody will say it of the others. */
  #endMissing(): void {
    if (this.#missing === null || (this.#link.state.session?.lastSeq ?? 0) < this.#missing.afterSeq) return;
    const { runners } = this.#missing;
    this.#missing = null;
    for (const runner of runners) runner.feed({ type: 'sessionLost', reason: 'network' });
  }

  #onNotification(message: ServerNotification): void {
    switch (message.type) {
      case 'incoming':
        this.#onIncoming(message);
        break;
      case 'presence':
        this.store.update({ presence: message.people });
        this.#options.emit('presence', message.people);
        break;
      case 'tokenExpiring':
        this.#onTokenExpiring(message.inMs);
        break;
      case 'goAway':
        this.#options.log.info('the gateway is going out of service', { inMs: message.inMs });
        break;
      default:
        // One for a call that is over here crossed our word that it is.
        this.#runners.get(message.callId)?.handle(message);
    }
    this.#endMissing();
  }

  #onIncoming(message: ServerMessageOf<'incoming'>): void {
    const { callId, callSid } = message;
    if (this.#runners.has(callId)) return;
    if (this.store.getSnapshot().isBusy && this.#options.options.allowIncomingWhileBusy === false) {
      void this.#link.request({ type: 'reject', callId, everywhere: false, why: 'busy' });
      return;
    }
    this.#options.log.info('incoming call', { callSid });
    const runner = CallRunner.incoming(this.#host, message);
    this.#add(runner);
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
    const isUnanswered = (runner: CallRunner): boolean =>
      unanswered.some((message) => message.type === 'connect' && message.callId === runner.callId);
    for (const runner of this.#runners.values()) {
      // A call that was never sent is not lost: it will be, with the next session.
      if (runner.state.callSid !== '' || isUnanswered(runner))
        runner.feed({ type: 'sessionLost', reason, error });
    }
    this.#engineRoom.onSessionLost();
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
    for (const runner of this.#runners.values()) runner.signalingChanged(isUp);
  }

  #add(runner: CallRunner): void {
    this.#runners.set(runner.callId, runner);
    this.#callsChanged();
  }

  #callsChanged(): void {
    const runners = [...this.#runners.values()];
    const before = this.store.getSnapshot().calls;
    const calls = runners.map((runner) => runner.call);
    const isSame = calls.length === before.length && calls.every((call, index) => call === before[index]);
    this.store.update({
      calls: isSame ? before : Object.freeze(calls),
      isBusy: runners.some(({ call }) => call.status() !== 'pending' && call.status() !== 'closed'),
      playback: this.#playback(),
    });
    this.#ringer.update(runners.map((runner) => runner.state));
  }

  #blockedChanged(who: CallRunner | DeviceRunner, isBlocked: boolean): void {
    if (isBlocked) this.#blocked.add(who);
    else this.#blocked.delete(who);
    this.store.update({ playback: this.#playback() });
  }

  #playback(): DeviceSnapshot['playback'] {
    const before = this.store.getSnapshot().playback;
    const blocked = this.#blocked.size > 0;
    return before.blocked === blocked ? before : Object.freeze({ blocked });
  }

  /** Calls know their device by what they may ask of it. */
  get #host(): CallHost {
    const { platform, log, report, emit } = this.#options;
    return {
      platform,
      log,
      report,
      request: (request) => this.#link.request(request),
      tell: (message) => this.#link.tell(message),
      loadEngine: (): Promise<MediaEngine> => this.#engineRoom.load(),
      onChange: () => this.#callsChanged(),
      onError: (error: ClientError, call: Call) => emit('error', error, call),
      onBlocked: (runner, isBlocked) => this.#blockedChanged(runner, isBlocked),
      onOver: (runner, end) => {
        this.#runners.delete(runner.callId);
        this.#blocked.delete(runner);
        this.#callsChanged();
        this.#ringer.ended(end, runner.state);
      },
      playDigit: (key) => this.#ringer.digit(key),
    };
  }
}

const INITIAL: DeviceSnapshot = {
  state: 'unregistered',
  connection: { state: 'offline', attempt: 0 },
  identity: null,
  rings: false,
  calls: [],
  isBusy: false,
  presence: [],
  playback: { blocked: false },
};

function statusOfLink({ link, session, attempt }: Connection): ConnectionStatus {
  const trying = session === null ? 'connecting' : 'reconnecting';
  switch (link.name) {
    case 'offline':
    case 'suspended':
      return { state: link.name, attempt };
    case 'online':
      return { state: 'connected', attempt };
    case 'waiting':
      return { state: trying, attempt, retryAtMs: link.untilMs };
    case 'authorizing':
    case 'opening':
    case 'greeting':
      return { state: trying, attempt };
  }
}

function isSameStatus(a: ConnectionStatus, b: ConnectionStatus): boolean {
  return a.state === b.state && a.attempt === b.attempt && a.retryAtMs === b.retryAtMs;
}

/** What the gateway would refuse is refused here, where the developer sees which line did it. */
function checkParams({ to, params = {} }: ConnectOptions): void {
  const entries = Object.entries(to === undefined ? params : { ...params, To: to });
  const length = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const isFine = entries.every(
    ([key, value]) => key !== '' && key.length <= 128 && typeof value === 'string',
  );
  if (isFine && length <= WIRE_LIMITS.paramBytesMax && entries.length <= WIRE_LIMITS.paramCountMax) return;
  throw new ClientError(
    'invalid-argument',
    'params: strings, at most 64 of them and 4 KiB in all, keys of 1 to 128',
  );
}
