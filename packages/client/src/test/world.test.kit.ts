import {
  decodeClientMessage,
  encodeMessage,
  type ClientMessage,
  type ClientMessageOf,
  type ServerMessage,
  type Unnumbered,
} from '@parley/protocol';
import { vi } from 'vitest';
import type { DeviceOptions, TokenProvider } from '../api.ts';
import { Device } from '../device.ts';
import { FakeDevices, FakeTrack } from './fake-devices.test.kit.ts';
import type { EngineTransportOptions, MediaEngine, SendOptions } from '../media-engine.ts';
import type { LifecycleEvent, Permission, Platform, SocketHandlers } from '../platform.ts';

/** A page whose time stands still until it is told otherwise, and a gateway that says what the test says. */
export class World {
  nowMs = 1_000_000;
  readonly gateway = new ScriptedGateway();
  readonly sounds: string[] = [];
  readonly tracks: FakeTrack[] = [];
  readonly transports: FakeTransport[] = [];
  permission: Permission = 'granted';
  /** Names of `getUserMedia` errors to meet. */
  refuse: { audio?: string; video?: string } = {};
  /** While set, opening a source waits for it. */
  openGate: Promise<void> | null = null;
  readonly #watching = new Set<(event: LifecycleEvent) => void>();
  readonly lifecycle = (event: LifecycleEvent): void => {
    for (const watching of this.#watching) watching(event);
  };
  readonly devices = new FakeDevices();
  /** What was opened, and how. */
  readonly asked: { readonly kind: string; readonly constraints: MediaTrackConstraints | true }[] = [];
  /** Where the other side, the ringing and the rest were last sent. */
  readonly outputs: Record<string, readonly string[]> = {};
  isPlaybackBlocked = false;
  isRingingBlocked = false;
  /** Whether this page can draw a camera, and how often it has. */
  canDraw = false;
  drawn = 0;
  isHidden = false;
  canLayer = true;
  /** What the browser has counted. */
  stats: () => Map<string, unknown> = () => new Map();
  #timers: { atMs: number; run: () => void }[] = [];
  #ids = 0;

  readonly platform: Platform = {
    nowMs: () => this.nowMs,
    setTimer: (callback, delayMs) => {
      const timer = { atMs: this.nowMs + delayMs, run: callback };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      };
    },
    random: () => 0.5,
    randomId: () => `id-${String((this.#ids += 1)).padStart(8, '0')}`,
    agent: 'test',
    resolveUrl: (url) => url ?? 'ws://gateway.test/parley',
    openSocket: (_url, _subprotocol, handlers) => this.gateway.connect(handlers),
    watchLifecycle: (listener) => {
      this.#watching.add(listener);
      return () => this.#watching.delete(listener);
    },
    loadMediaEngine: async () => this.#engine(),
    isHidden: () => this.isHidden,
    openSource: async (kind, constraints) => {
      await this.openGate;
      const listed = kind === 'audio' ? 'audioinput' : 'videoinput';
      const plugged = this.devices.plugged.filter((device) => device.kind === listed);
      const { deviceId } = typeof constraints === 'object' ? constraints : {};
      const wanted = (deviceId as { exact?: string } | undefined)?.exact ?? plugged[0]?.deviceId;
      const isThere = plugged.some((device) => device.deviceId === wanted);
      const refusal = this.refuse[kind] ?? (isThere ? undefined : 'OverconstrainedError');
      if (refusal !== undefined) throw Object.assign(new Error(refusal), { name: refusal });
      this.asked.push({ kind, constraints });
      const track = this.#track(kind, 'real');
      track.deviceId = wanted;
      return track as unknown as MediaStreamTrack;
    },
    hasChosenDevices: () => this.devices.kept !== null,
    loadDevices: async () => this.devices,
    queryPermission: async () => this.permission,
    hasSource: async (kind) => this.devices.plugged.some((device) => device.kind === `${kind}input`),
    createStream: () => new FakeStream() as unknown as MediaStream,
    createPlaceholder: (kind) => {
      const track = this.#track(kind, 'placeholder');
      return {
        track: track as unknown as MediaStreamTrack,
        paint: () => {
          this.drawn += 1;
        },
        ...(this.canDraw ? { show: () => undefined } : {}),
        close: () => track.stop(),
      };
    },
    createSounds: (onBlocked) => ({
      start: (tone) => {
        this.sounds.push(`start ${tone}`);
        onBlocked(this.isRingingBlocked);
      },
      stop: (tone) => {
        this.sounds.push(`stop ${tone}`);
        onBlocked(false);
      },
      once: (tone) => this.sounds.push(tone),
      tone: (turn) => this.sounds.push(turn.map(({ hertz, ms }) => `${hertz.join('+')}/${ms}`).join(' ')),
      digit: (key) => this.sounds.push(`digit ${key}`),
      setOutputs: (role, deviceIds) => {
        this.outputs[role] = deviceIds;
      },
      unlock: async () => true,
      close: () => undefined,
    }),
    createSpeaker: () => ({
      play: (_stream, onBlocked) => onBlocked(this.isPlaybackBlocked),
      setOutputs: (deviceIds) => {
        this.outputs['voice'] = deviceIds;
      },
      unlock: async () => true,
      close: () => undefined,
    }),
  };

  #track(kind: 'audio' | 'video', label: string): FakeTrack {
    const track = new FakeTrack(kind, label);
    this.tracks.push(track);
    return track;
  }

  /** Tracks of this person's own that are open now. */
  get open(): string[] {
    return this.tracks
      .filter((track) => track.label === 'real' && track.readyState === 'live')
      .map(({ kind }) => kind);
  }

  #engine(): MediaEngine {
    return {
      rtpCapabilities: { codecs: [] },
      canSend: () => true,
      canLayer: this.canLayer,
      createTransport: (options) => {
        const transport = new FakeTransport(options, () => this.stats());
        this.transports.push(transport);
        return transport;
      },
    };
  }

  device(token: string | TokenProvider = 'token', options: DeviceOptions = {}): Device {
    return new Device(token, { logLevel: 'silent', ...options, platform: this.platform });
  }

  /** A device that rings. */
  async registered(options: DeviceOptions = {}): Promise<Device> {
    const device = this.device('token', options);
    await Promise.all([device.register(), this.settle()]);
    return device;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    await vi.dynamicImportSettled();
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  }

  /** Lets time pass, timer by timer. */
  async pass(durationMs: number): Promise<void> {
    const untilMs = this.nowMs + durationMs;
    await this.settle();
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
      await this.settle();
    }
    this.nowMs = untilMs;
  }
}

class FakeStream {
  readonly #tracks = new Set<unknown>();
  addTrack(track: unknown): void {
    this.#tracks.add(track);
  }
  removeTrack(track: unknown): void {
    this.#tracks.delete(track);
  }
  getTracks(): unknown[] {
    return [...this.#tracks];
  }
}

/** A transport that remembers what it sends at the moment. */
export class FakeTransport {
  readonly options: EngineTransportOptions;
  readonly sent: { kind: string; now: string | null; keyFrames: number }[] = [];
  /** In how many sizes each track goes up; 0 where the engine decides. */
  readonly encodings: number[] = [];
  /** How the sound that was sent is to be encoded. */
  readonly soundOptions: SendOptions['codecOptions'][] = [];
  readonly restarts: unknown[] = [];
  /** The ICE servers that the last restart went through. */
  through: unknown = undefined;
  isClosed = false;
  readonly #stats: () => Map<string, unknown>;
  #isConnected = false;

  constructor(options: EngineTransportOptions, stats: () => Map<string, unknown>) {
    this.options = options;
    this.#stats = stats;
  }

  #connect(): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.options.onConnect({ role: 'client', fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] });
    this.options.onState('connecting');
  }

  async send(track: MediaStreamTrack, options: SendOptions = {}) {
    this.#connect();
    this.encodings.push(options.encodings?.length ?? 0);
    if (track.kind === 'audio') this.soundOptions.push(options.codecOptions);
    const entry = { kind: track.kind, now: track.label as string | null, keyFrames: 0 };
    this.sent.push(entry);
    return {
      rtpParameters: { kind: track.kind },
      replaceTrack: async (next: MediaStreamTrack | null) => {
        entry.now = next?.label ?? null;
      },
      requestKeyFrame: async () => {
        entry.keyFrames += 1;
      },
      framesEncoded: async () => 3,
      close: async () => {
        entry.now = 'closed';
      },
    };
  }

  async receive({ kind }: { readonly kind: 'audio' | 'video' }) {
    this.#connect();
    return {
      track: new FakeTrack(kind, 'remote') as unknown as MediaStreamTrack,
      close: async () => undefined,
    };
  }

  async restartIce(iceParameters: unknown, iceServers?: unknown): Promise<void> {
    this.restarts.push(iceParameters);
    this.through = iceServers;
  }

  async getStats(): Promise<RTCStatsReport> {
    // One of the two knows it all: whoever asks takes them together.
    return this.options.direction === 'recv' ? this.#stats() : new Map();
  }

  close(): void {
    this.isClosed = true;
  }
}

/** A gateway that greets and answers pings by itself, and otherwise says what the test says. */
export class ScriptedGateway {
  readonly heard: ClientMessage[] = [];
  /** What the next hello is met with. */
  greeting: Partial<Extract<ServerMessage, { type: 'welcome' }>> | { readonly close: number } = {};
  /** Whether sockets can be opened, and pings are answered. */
  isReachable = true;
  isAnswering = true;
  sockets = 0;
  #handlers: SocketHandlers | null = null;
  #seq = 0;

  connect(handlers: SocketHandlers) {
    this.sockets += 1;
    const isMine = (): boolean => this.#handlers === handlers;
    if (this.isReachable) {
      this.#handlers = handlers;
      void Promise.resolve().then(() => isMine() && handlers.onOpen());
    } else {
      void Promise.resolve().then(() => handlers.onClose(1006, ''));
    }
    return {
      send: (frame: string) => {
        if (isMine()) this.#read(frame);
      },
      close: () => {
        if (isMine()) this.#handlers = null;
      },
    };
  }

  #read(frame: string): void {
    const decoded = decodeClientMessage(frame);
    if (!decoded.ok) throw new Error(`the SDK said what no gateway understands: ${decoded.error.message}`);
    const { message } = decoded;
    this.heard.push(message);
    if (!this.isAnswering) return;
    if (message.type === 'ping') this.say({ type: 'pong' });
    if (message.type === 'hello') this.#greet(message);
  }

  #greet(hello: ClientMessageOf<'hello'>): void {
    if ('close' in this.greeting) {
      this.drop(this.greeting.close);
      return;
    }
    const resumed = hello.resume !== undefined;
    if (!resumed) this.#seq = 0;
    this.say({
      type: 'welcome',
      sessionId: 'session-1',
      resumeToken: 'resume-1',
      resumed,
      identity: 'jenny',
      registered: hello.register,
      heartbeatMs: 10_000,
      graceMs: 30_000,
      tokenExpiresInMs: 3_600_000,
      rtpCapabilities: {},
      calls: [],
      lastSeq: this.#seq,
      ...this.greeting,
    } as ServerMessage);
  }

  say(message: ServerMessage): void {
    const handlers = this.#handlers;
    void Promise.resolve().then(() => handlers?.onFrame(encodeMessage(message)));
  }

  /** Says something that is numbered. */
  notify(message: Unnumbered): void {
    this.say(this.number(message));
  }

  number(message: Unnumbered): ServerMessage {
    this.#seq += 1;
    return { ...message, seq: this.#seq };
  }

  /** Answers the last request of this type. */
  reply(type: ClientMessage['type'], data: Extract<ServerMessage, { type: 'reply' }>['data'] = {}): void {
    const request = this.last(type);
    if (!('id' in request)) throw new Error(`${type} is not a request`);
    this.say({ type: 'reply', re: request.id, ok: true, data });
  }

  refuse(type: ClientMessage['type'], name: string, code = 60001): void {
    const request = this.last(type);
    if (!('id' in request)) throw new Error(`${type} is not a request`);
    this.say({ type: 'refusal', re: request.id, error: { code, name, message: name } });
  }

  /** The socket is gone. */
  drop(code = 1006): void {
    const handlers = this.#handlers;
    this.#handlers = null;
    void Promise.resolve().then(() => handlers?.onClose(code, ''));
  }

  last<Type extends ClientMessage['type']>(type: Type): ClientMessageOf<Type> {
    const found = this.all(type).at(-1);
    if (found === undefined) throw new Error(`the SDK never said ${type}`);
    return found;
  }

  all<Type extends ClientMessage['type']>(type: Type): ClientMessageOf<Type>[] {
    return this.heard.filter((message): message is ClientMessageOf<Type> => message.type === type);
  }

  get words(): string[] {
    return this.heard.map(({ type }) => type).filter((type) => type !== 'ping');
  }
}

const transportOffer = (id: string) => ({
  id: id as never,
  iceParameters: { usernameFragment: 'u', password: 'p' },
  iceCandidates: [],
  dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'BB' }] },
});

export const OFFER = { send: transportOffer('up-1'), recv: transportOffer('down-1') };
export const CALL_SID = 'CA0123456789abcdef0123456789abcdef' as never;

/** A call that comes in. */
export function incoming(media = { audio: true, video: false }, callId = 'incoming-1'): Unnumbered {
  return {
    type: 'incoming',
    callId: callId as never,
    callSid: CALL_SID,
    from: 'alice',
    to: 'jenny',
    params: { 'X-Tier': 'gold' },
    media,
    offer: OFFER,
  };
}
