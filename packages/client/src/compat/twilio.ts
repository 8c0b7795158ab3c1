/**
 * The names, states and events of Twilio Voice on a Parley device, for applications that were written for it. What
 * Twilio has and this has not is listed in the guide "Moving from Twilio", to which a test keeps it.
 *
 * @module @parley/client/compat/twilio
 */
import type { DeviceOptions, SoundOptions, TokenProvider } from '../api.ts';
import type { Call as ParleyCall } from '../call.ts';
import { Device as ParleyDevice } from '../device.ts';
import type { ClientError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { Listeners } from './listeners.ts';
import { AudioHelper } from './twilio-audio.ts';
import { Forwarding } from './twilio-forwarding.ts';
import { Call, type TwilioAcceptOptions } from './twilio-call.ts';
import { PreflightTest, type TwilioPreflightOptions } from './twilio-preflight.ts';

export { AudioHelper, OutputDeviceCollection, type TwilioAudioEvents } from './twilio-audio.ts';
export {
  PreflightTest,
  type TwilioPreflightEvents,
  type TwilioPreflightOptions,
  type TwilioPreflightReport,
  type TwilioPreflightWarning,
  type TwilioStats,
  type TwilioTiming,
} from './twilio-preflight.ts';
export type { TwilioSample, TwilioSampleTotals } from './twilio-sample.ts';
export { Call, type TwilioAcceptOptions, type TwilioCallEvents, type TwilioMessage } from './twilio-call.ts';

const State = {
  Destroyed: 'destroyed',
  Unregistered: 'unregistered',
  Registering: 'registering',
  Registered: 'registered',
} as const;
const SoundName = {
  Incoming: 'incoming',
  Outgoing: 'outgoing',
  Disconnect: 'disconnect',
  Dtmf0: 'dtmf0',
  Dtmf1: 'dtmf1',
  Dtmf2: 'dtmf2',
  Dtmf3: 'dtmf3',
  Dtmf4: 'dtmf4',
  Dtmf5: 'dtmf5',
  Dtmf6: 'dtmf6',
  Dtmf7: 'dtmf7',
  Dtmf8: 'dtmf8',
  Dtmf9: 'dtmf9',
  DtmfS: 'dtmfs',
  DtmfH: 'dtmfh',
} as const;
const EventName = {
  Error: 'error',
  Incoming: 'incoming',
  Destroyed: 'destroyed',
  Unregistered: 'unregistered',
  Registering: 'registering',
  Registered: 'registered',
  TokenWillExpire: 'tokenWillExpire',
} as const;

/** Twilio's options that mean something here, and Parley's own. */
export interface TwilioDeviceOptions extends Omit<DeviceOptions, 'logLevel'> {
  /** A number as `loglevel` counts, or its name. Default: errors only, as Twilio has it. */
  readonly logLevel?: number | string;
  /** Where the token is about to expire `tokenWillExpire` is told; how long before is the gateway's choice. */
  readonly tokenRefreshMs?: number;
  /** Twilio's regions; there are none here. */
  readonly edge?: string | string[];
  /** Which codecs Twilio is to prefer; sound is Opus here. */
  readonly codecPreferences?: readonly string[];
  /** Whether to ask before the page is closed while a call runs. */
  readonly closeProtection?: boolean | string;
  readonly appName?: string;
  readonly appVersion?: string;
}

/** What a call is placed with. */
export interface TwilioConnectOptions extends TwilioAcceptOptions {
  /** Sent to the document's server, as with Twilio; `To` is whom to call. */
  readonly params?: Record<string, string>;
  /** Of a call that rings at another device of the same person: it is answered here instead, and `params` means nothing. */
  readonly connectToken?: string | undefined;
}

/** What a device tells, in Twilio's words. */
export interface TwilioDeviceEvents {
  destroyed: [];
  error: [error: ClientError, call?: Call];
  incoming: [call: Call];
  registered: [];
  registering: [];
  tokenWillExpire: [device: Device];
  unregistered: [];
}

/** A phone, as Twilio Voice has it. `parley` is the device underneath, with everything Twilio has not. */
export class Device extends Listeners<TwilioDeviceEvents> {
  static readonly State = State;
  static readonly EventName = EventName;
  static readonly SoundName = SoundName;
  static readonly packageName = '@parley/client/compat/twilio';
  static readonly version: string = VERSION;

  /** Whether this browser can call. */
  static get isSupported(): boolean {
    return ParleyDevice.isSupported;
  }

  /** Tries the line, and tells what it finds. It rings nowhere and asks no document. */
  static runPreflight(token: string | TokenProvider, options: TwilioPreflightOptions = {}): PreflightTest {
    return new PreflightTest(token, options);
  }

  static override toString(): string {
    return '[Parley.compat.twilio Device class]';
  }

  /** The device underneath. */
  readonly parley: ParleyDevice;
  readonly edge: string | null = null;
  readonly home: string | null = null;
  #token: string | null;
  #sounds: SoundOptions;
  #audio: AudioHelper | null = null;
  readonly #calls = new WeakMap<ParleyCall, Call>();
  readonly #forwarding: Forwarding;
  readonly #protect = (event: BeforeUnloadEvent): void => {
    if (this.isBusy) event.preventDefault();
  };

  /** @param token a string as with Twilio, or a function, which is asked whenever one is needed */
  constructor(token: string | TokenProvider, options: TwilioDeviceOptions = {}) {
    super();
    this.#token = typeof token === 'string' ? token : null;
    this.#sounds = soundsOf(options.sounds);
    this.parley = new ParleyDevice(token, { logLevel: 'error', ...translated(options) });
    const { parley } = this;
    this.#forwarding = new Forwarding(parley);
    parley.on('registering', () => this.emit('registering'));
    parley.on('registered', () => this.emit('registered'));
    parley.on('unregistered', () => this.emit('unregistered'));
    parley.on('destroyed', () => this.emit('destroyed'));
    parley.on('incoming', (call) => {
      if (!this.#forwarding.take(call)) this.emit('incoming', this.#known(call));
    });
    parley.on('error', (error, call) =>
      call === undefined ? this.emit('error', error) : this.emit('error', error, this.#known(call)),
    );
    parley.on('tokenWillExpire', () => this.emit('tokenWillExpire', this));
    if (Boolean(options.closeProtection) && typeof window !== 'undefined')
      window.addEventListener('beforeunload', this.#protect);
  }

  /** Microphones, outputs and sounds, looked for when this is first asked; null once the device is destroyed. */
  get audio(): AudioHelper | null {
    if (this.parley.state === 'destroyed') return null;
    this.#audio ??= new AudioHelper(this.parley, {
      get: () => this.#sounds,
      set: (sounds) => this.updateOptions({ sounds }),
    });
    return this.#audio;
  }

  get state(): Device.State {
    return this.parley.state;
  }

  get identity(): string | null {
    return this.parley.identity;
  }

  get isBusy(): boolean {
    return this.parley.isBusy;
  }

  get token(): string | null {
    return this.#token;
  }

  get calls(): Call[] {
    return this.parley.calls.map((call) => this.#known(call));
  }

  register(): Promise<void> {
    return this.parley.register();
  }

  unregister(): Promise<void> {
    return this.parley.unregister();
  }

  /** Places a call; or, with a `connectToken`, takes one that rings at another device of this person. */
  async connect(options: TwilioConnectOptions = {}): Promise<Call> {
    const { params = {}, rtcConstraints = {}, connectToken } = options;
    if (connectToken !== undefined) {
      const forwarded = this.#known(await this.#forwarding.find(connectToken));
      forwarded.accept({ rtcConstraints });
      return forwarded;
    }
    const { audio = true, video = false } = rtcConstraints;
    return this.#known(await this.parley.connect({ params, microphone: audio, video }));
  }

  disconnectAll(): void {
    this.parley.disconnectAll();
  }

  destroy(): void {
    if (typeof window !== 'undefined') window.removeEventListener('beforeunload', this.#protect);
    this.#audio?.close();
    void this.parley.destroy();
  }

  updateToken(token: string): void {
    this.#token = token;
    this.parley.updateToken(token);
  }

  updateOptions(options: TwilioDeviceOptions = {}): void {
    if (options.sounds !== undefined) this.#sounds = soundsOf(options.sounds);
    this.parley.updateOptions(translated(options));
  }

  override toString(): string {
    return '[Parley.compat.twilio Device instance]';
  }

  /** The same object for the same call, as long as anybody holds it. */
  #known(call: ParleyCall): Call {
    const known = this.#calls.get(call);
    if (known !== undefined) return known;
    const made = new Call(call);
    this.#calls.set(call, made);
    // A microphone is open now that whoever listens to its volume may hear.
    made.on('accept', () => this.#audio?.callsChanged());
    return made;
  }
}

function soundsOf(sounds: DeviceOptions['sounds'] = true): SoundOptions {
  if (typeof sounds === 'object') return sounds;
  return { incoming: sounds, ringback: sounds, waiting: sounds, disconnect: sounds, dtmf: sounds };
}

const LEVELS = ['debug', 'debug', 'info', 'warn', 'error', 'silent'] as const;
const NAMES: Readonly<Record<string, number>> = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, silent: 5 };

/** Twilio's options in Parley's words; what means nothing here is left out. */
function translated({
  logLevel,
  tokenRefreshMs: _tokenRefreshMs,
  edge: _edge,
  codecPreferences: _codecPreferences,
  closeProtection: _closeProtection,
  appName: _appName,
  appVersion: _appVersion,
  ...options
}: TwilioDeviceOptions): DeviceOptions {
  if (logLevel === undefined) return options;
  const level = typeof logLevel === 'number' ? logLevel : (NAMES[logLevel.toLowerCase()] ?? 4);
  return { ...options, logLevel: LEVELS[level] ?? 'silent' };
}

/** The types Twilio has within its class. */
// oxlint-disable-next-line typescript/no-namespace, no-redeclare -- Twilio's names are in a namespace, and code says `Device.State`.
export declare namespace Device {
  export type State = (typeof State)[keyof typeof State];
  export type SoundName = (typeof SoundName)[keyof typeof SoundName];
  export type ToggleableSound = 'incoming' | 'outgoing' | 'disconnect';
  export type EventName = (typeof EventName)[keyof typeof EventName];
  export type Options = TwilioDeviceOptions;
  export type ConnectOptions = TwilioConnectOptions;
}
