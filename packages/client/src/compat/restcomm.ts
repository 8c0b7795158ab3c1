/**
 * The names of RestComm's web SDK on a Parley device, for applications that were written for it. One device to a page,
 * one call at a time, callbacks instead of events, errors as strings: as it was. What is not there any more is listed in
 * the guide "Moving from RestComm".
 *
 * @module @parley/client/compat/restcomm
 */
import type { DeviceOptions, TokenProvider } from '../api.ts';
import type { Call } from '../call.ts';
import { Device as ParleyDevice } from '../device.ts';

/** What a device is set up with. */
export interface RestCommSetup {
  /** The name to register under; kept for the page's own use, the token decides. */
  readonly username?: string;
  /** An access token, or a function that fetches one. It takes the place of the password, which no page should hold. */
  readonly token: string | TokenProvider;
  /** The gateway's socket, `wss://…`. Default: `/parley` on this origin. */
  readonly registrar?: string;
  /** Whether to register, or only to place calls. Default `true`. */
  readonly register?: boolean;
  /** Whether every step is written to the console. */
  readonly debug?: boolean;
  /** Options of Parley's own. */
  readonly options?: Omit<DeviceOptions, 'url' | 'logLevel'>;
}

/** Where the pictures of a call are shown, and whether there are any. */
export interface RestCommMedia {
  readonly 'local-media'?: HTMLVideoElement;
  readonly 'remote-media'?: HTMLVideoElement;
  readonly 'video-enabled'?: boolean;
}

/** A call is placed with it. */
export interface RestCommConnect extends RestCommMedia {
  /** Whom to call; `client:` and SIP addresses' prefixes and domains are dropped. */
  readonly username: string;
  /** Sent along. */
  readonly 'Custom-Headers'?: Readonly<Record<string, string>>;
}

type Heard<Payload extends readonly unknown[]> = (...payload: Payload) => void;

/** A call, as RestComm has it. */
export class Connection {
  /** `pending`, `connecting`, `open` or `closed`. */
  status: 'pending' | 'connecting' | 'open' | 'closed' = 'connecting';
  readonly isIncoming: boolean;
  readonly parameters: {
    readonly From: string;
    readonly To: string;
    readonly 'Custom-Headers': Readonly<Record<string, string>>;
    readonly 'video-enabled': boolean;
  };
  /** The call underneath. */
  readonly parley: Call;
  readonly #onError: Heard<[string]>[] = [];
  readonly #onDisconnect: Heard<[Connection]>[] = [];
  readonly #onMute: Heard<[boolean, Connection]>[] = [];

  /** @internal Made by the device. */
  constructor(call: Call, media: RestCommMedia) {
    const { parameters, customParameters, direction, store } = call;
    this.parley = call;
    this.isIncoming = direction === 'incoming';
    this.parameters = {
      From: parameters.From,
      To: parameters.To,
      'Custom-Headers': Object.fromEntries(customParameters),
      'video-enabled': media['video-enabled'] ?? store.getSnapshot().video,
    };
    this.#show(media);
    this.#look();
    call.store.subscribe(() => this.#look());
    call.on('error', ({ message }) => tell(this.#onError, message));
    call.on('mute', (isMuted) => tell(this.#onMute, isMuted, this));
    call.on('disconnect', () => tell(this.#onDisconnect, this));
  }

  get muted(): boolean {
    return this.parley.isMuted();
  }

  get videoMuted(): boolean {
    return this.parley.isVideoMuted();
  }

  accept(media: RestCommMedia = {}): void {
    this.#show(media);
    const video = media['video-enabled'] ?? this.parameters['video-enabled'];
    this.parley.accept({ video }).catch((thrown: unknown) => tell(this.#onError, textOf(thrown)));
  }

  reject(): void {
    this.parley.reject();
  }

  ignore(): void {
    this.parley.ignore();
  }

  /** Hangs up; with a function, tells it when that has been done, by whomever. */
  disconnect(heard?: Heard<[Connection]>): void {
    if (heard === undefined) void this.parley.disconnect();
    else this.#onDisconnect.push(heard);
  }

  /** Silences the microphone, or lets it be heard; with a function, tells it whenever that changes. */
  mute(wish: boolean | Heard<[boolean, Connection]> = true): void {
    if (typeof wish === 'boolean') this.parley.mute(wish);
    else this.#onMute.push(wish);
  }

  muteVideo(isMuted = true): void {
    this.parley.muteVideo(isMuted).catch((thrown: unknown) => tell(this.#onError, textOf(thrown)));
  }

  sendDigits(digits: string): void {
    this.parley.sendDigits(digits).catch((thrown: unknown) => tell(this.#onError, textOf(thrown)));
  }

  getStats(heard: Heard<[Awaited<ReturnType<Call['getStats']>>]>): void {
    this.parley.getStats().then(heard, (thrown: unknown) => tell(this.#onError, textOf(thrown)));
  }

  error(heard: Heard<[string]>): void {
    this.#onError.push(heard);
  }

  #show(media: RestCommMedia): void {
    const { 'local-media': local, 'remote-media': remote } = media;
    if (local !== undefined) this.parley.media.attachLocal(local);
    if (remote !== undefined) this.parley.media.attach(remote);
  }

  #look(): void {
    const status = this.parley.status();
    this.status = status === 'ringing' ? 'connecting' : status === 'reconnecting' ? 'open' : status;
  }
}

/** RestComm's one device of a page. */
class RestCommDevice {
  /** The call there is, or the last there was. */
  connection: Connection | null = null;
  /** The device underneath, once it has been set up. */
  parley: ParleyDevice | null = null;
  readonly #heard = {
    ready: [] as Heard<[RestCommDevice]>[],
    offline: [] as Heard<[RestCommDevice]>[],
    incoming: [] as Heard<[Connection]>[],
    cancel: [] as Heard<[Connection]>[],
    connect: [] as Heard<[Connection]>[],
    disconnect: [] as Heard<[Connection]>[],
    error: [] as Heard<[string]>[],
  };
  readonly #sounds = { incoming: true, outgoing: true, disconnect: true };
  #connections = new WeakMap<Call, Connection>();

  /** Which sounds are made: called with a value it sets one, and answers what holds. */
  readonly sounds = {
    incoming: (isOn?: boolean): boolean => this.#sound('incoming', isOn),
    outgoing: (isOn?: boolean): boolean => this.#sound('outgoing', isOn),
    disconnect: (isOn?: boolean): boolean => this.#sound('disconnect', isOn),
  };

  /** Makes the device of this page, and registers it. A second call takes the place of the first. */
  setup({ token, registrar, register = true, debug = false, options = {} }: RestCommSetup): void {
    this.destroy();
    const device = new ParleyDevice(token, {
      ...options,
      ...(registrar === undefined ? {} : { url: registrar }),
      sounds: this.#soundOptions(),
      logLevel: debug ? 'debug' : 'warn',
    });
    this.parley = device;
    const isMine = (): boolean => this.parley === device;
    device.on('registered', () => isMine() && tell(this.#heard.ready, this));
    device.on('unregistered', () => isMine() && tell(this.#heard.offline, this));
    device.on('error', ({ message }) => isMine() && tell(this.#heard.error, message));
    device.on('incoming', (call) => {
      if (!isMine()) return;
      const connection = this.#connectionOf(call, {});
      call.on('cancel', () => tell(this.#heard.cancel, connection));
      tell(this.#heard.incoming, connection);
    });
    if (register) device.register().catch((thrown: unknown) => tell(this.#heard.error, textOf(thrown)));
    else queueMicrotask(() => isMine() && tell(this.#heard.ready, this));
  }

  /** `ready`, `busy` or `offline`. */
  get status(): 'ready' | 'offline' | 'busy' {
    if (this.parley === null || this.parley.connection.state !== 'connected') return 'offline';
    return this.parley.isBusy ? 'busy' : 'ready';
  }

  ready(heard: Heard<[RestCommDevice]>): void {
    this.#heard.ready.push(heard);
  }

  offline(heard: Heard<[RestCommDevice]>): void {
    this.#heard.offline.push(heard);
  }

  incoming(heard: Heard<[Connection]>): void {
    this.#heard.incoming.push(heard);
  }

  cancel(heard: Heard<[Connection]>): void {
    this.#heard.cancel.push(heard);
  }

  error(heard: Heard<[string]>): void {
    this.#heard.error.push(heard);
  }

  /** With a function: tells it of every call that is open. Otherwise places a call. */
  connect(wish: Heard<[Connection]>): void;
  connect(wish: RestCommConnect): Promise<Connection>;
  connect(wish: RestCommConnect | Heard<[Connection]>): Promise<Connection> | void {
    if (typeof wish !== 'function') return this.#place(wish);
    this.#heard.connect.push(wish);
  }

  async #place({ username, 'Custom-Headers': params = {}, ...media }: RestCommConnect): Promise<Connection> {
    if (this.parley === null) throw new Error('RestCommClient.Device.setup has not been called');
    const to = username.replace(/^(sips?|client):/, '').replace(/@.*$/, '');
    const call = await this.parley.connect({ to, params, video: media['video-enabled'] ?? false });
    return this.#connectionOf(call, media);
  }

  disconnect(heard: Heard<[Connection]>): void {
    this.#heard.disconnect.push(heard);
  }

  disconnectAll(): void {
    this.parley?.disconnectAll();
  }

  /** The call there is; undefined without one. */
  activeConnection(): Connection | undefined {
    return this.connection === null || this.connection.status === 'closed' ? undefined : this.connection;
  }

  /** Hangs up, leaves, and lets go of the device; `setup` makes another. Who listens goes on listening. */
  destroy(): void {
    const device = this.parley;
    this.parley = null;
    this.connection = null;
    void device?.destroy();
  }

  #connectionOf(call: Call, media: RestCommMedia): Connection {
    const known = this.#connections.get(call);
    if (known !== undefined) return known;
    const connection = new Connection(call, media);
    this.#connections.set(call, connection);
    this.connection = connection;
    let isOpen = false;
    const opened = (): void => {
      if (isOpen) return;
      isOpen = true;
      tell(this.#heard.connect, connection);
    };
    call.on('answered', opened);
    call.on('accept', opened);
    call.on('disconnect', () => tell(this.#heard.disconnect, connection));
    return connection;
  }

  #sound(name: keyof RestCommDevice['sounds'], isOn: boolean | undefined): boolean {
    if (isOn !== undefined) {
      this.#sounds[name] = isOn;
      this.parley?.updateOptions({ sounds: this.#soundOptions() });
    }
    return this.#sounds[name];
  }

  #soundOptions() {
    const { incoming, outgoing, disconnect } = this.#sounds;
    return { incoming, ringback: outgoing, disconnect };
  }
}

/** RestComm's global, for those who import it: `RestCommClient.Device.setup({ token })`. */
export const RestCommClient: { readonly Device: RestCommDevice } = { Device: new RestCommDevice() };
export type { RestCommDevice };

function tell<Payload extends readonly unknown[]>(all: readonly Heard<Payload>[], ...payload: Payload): void {
  for (const heard of [...all]) {
    try {
      heard(...payload);
    } catch (thrown) {
      // Reported as any error that nobody catches; the others still hear.
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
