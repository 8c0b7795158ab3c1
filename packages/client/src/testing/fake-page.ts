import { ClientError } from '../errors.ts';
import type {
  LifecycleEvent,
  Permission,
  Platform,
  PlatformSocket,
  SocketHandlers,
  SystemCall,
} from '../platform.ts';
import { FakeDeviceShelf, type FakeDevice, type PluggedDevice, type SourceRefusal } from './fake-devices.ts';
import { fakeEngine, fakeStream, fakeTrack } from './fake-media.ts';
import type { FakeNetwork } from './fake-stats.ts';
import type { Clock } from './virtual-clock.ts';

/** What a page needs of the gateway it is connected to. */
interface PageHost {
  readonly clock: Clock;
  readonly openSocket: (handlers: SocketHandlers) => PlatformSocket;
}

/**
 * The page a fake device lives in: `new Device(token, { platform: page.platform })`. What a browser would do of its own
 * accord, or a person to it, is done here.
 */
export class FakePage {
  /** What opening a source meets; absent: it opens. */
  readonly refuse: { microphone?: SourceRefusal; camera?: SourceRefusal; screen?: SourceRefusal } = {};
  /**
   * What the browser says before it asks the person. Default: it has been granted before. While it is not `granted`,
   * devices have no names; opening one grants it.
   */
  permission: Permission = 'granted';
  /** Whether the browser will not play sound before the person has touched the page. */
  isPlaybackBlocked = false;
  /** Sounds that the SDK makes now: `incoming`, `ringback`. */
  readonly sounding = new Set<string>();
  /** Every sound there was, in order: `incoming`, `ringback`, `hangup`, `busy`, `unavailable`, `digit 1`, `test`. */
  readonly heard: string[] = [];
  /** How good the way to the gateway is, from now on: what samples, quality and warnings of calls are made of. */
  readonly network: FakeNetwork = { lossFraction: 0, rttMs: 40, jitterMs: 5 };
  readonly platform: Platform;
  readonly #shelf: FakeDeviceShelf;
  #lifecycle: (event: LifecycleEvent) => void = () => undefined;
  #names = 0;
  readonly #name: string;

  /** @internal Made by {@link FakeGateway.page}. */
  constructor(host: PageHost, name: string) {
    this.#name = name;
    this.#shelf = new FakeDeviceShelf({
      clock: host.clock,
      permission: () => this.permission,
      refusal: (source) => this.refuse[source],
      onSound: (sound) => this.heard.push(sound),
    });
    this.platform = this.#makePlatform(host);
  }

  /** Something happens to the page: it is hidden into the back/forward cache, comes back, is left for good. */
  tell(event: LifecycleEvent): void {
    this.#lifecycle(event);
  }

  /** What is plugged in: one microphone, one camera and one speaker to begin with. The first of a kind is the default. */
  get plugged(): readonly PluggedDevice[] {
    return this.#shelf.plugged;
  }

  /**
   * Plugs a device in; answers its id. The SDK looks 200 ms after the last change, so that a headset is one change:
   * `await gateway.advance(200)`.
   */
  plugIn(device: FakeDevice): string {
    return this.#shelf.plugIn(device);
  }

  /** Pulls it out: what is open of it ends. Throws where nothing is plugged in by this id. */
  unplug(deviceId: string): void {
    this.#shelf.unplug(deviceId);
  }

  /** Microphones, cameras and screens that are open now. */
  get open(): ReadonlySet<MediaStreamTrack> {
    return this.#shelf.open;
  }

  /** Where the other side, and the ringing, are heard: ids of speakers. Empty: where the system has it. */
  get outputs(): { readonly speaker: readonly string[]; readonly ringtone: readonly string[] } {
    return this.#shelf.outputs;
  }

  /** How loud the microphone is, 0 to 1, for whoever measures it. */
  get microphoneLevel(): number {
    return this.#shelf.level;
  }

  set microphoneLevel(level: number) {
    this.#shelf.level = level;
  }

  /** Whether the screen is kept on. */
  get isAwake(): boolean {
    return this.#shelf.isAwake;
  }

  /** The call as the system's media controls show it, with what they may do; null without one. */
  get systemCall(): SystemCall | null {
    return this.#shelf.systemCall;
  }

  #makePlatform({ clock, openSocket }: PageHost): Platform {
    const engine = fakeEngine(clock, this.network);
    return {
      nowMs: clock.nowMs,
      setTimer: clock.setTimer,
      random: () => 0.5,
      randomId: () => `${this.#name}-${String((this.#names += 1)).padStart(8, '0')}`,
      agent: 'fake page',
      resolveUrl: (url) => url ?? 'ws://gateway.test/parley',
      openSocket: (_url, _subprotocol, handlers) => openSocket(handlers),
      watchLifecycle: (listener) => {
        this.#lifecycle = listener;
        return () => {
          this.#lifecycle = () => undefined;
        };
      },
      queryPermission: async () => this.permission,
      loadMediaEngine: async () => engine,
      openSource: async (kind, constraints) => this.#openSource(kind, constraints),
      hasChosenDevices: () => this.#shelf.hasChosen,
      loadDevices: async () => this.#shelf.platformDevices(),
      createStream: fakeStream,
      createPlaceholder: (kind) => {
        const track = fakeTrack(kind);
        return { track, paint: () => undefined, close: () => track.stop() };
      },
      createSpeaker: () => ({
        play: (_stream, onBlocked) => onBlocked(this.isPlaybackBlocked),
        setOutputs: (deviceIds) => {
          this.#shelf.outputs.speaker = deviceIds;
        },
        unlock: async () => this.#unlock(),
        close: () => undefined,
      }),
      createSounds: (onBlocked) => ({
        start: (tone) => {
          this.heard.push(tone);
          if (!this.isPlaybackBlocked) this.sounding.add(tone);
          onBlocked(this.isPlaybackBlocked);
        },
        stop: (tone) => {
          this.sounding.delete(tone);
          onBlocked(false);
        },
        once: (tone) => this.heard.push(tone),
        tone: () => this.heard.push('tone'),
        digit: (key) => this.heard.push(`digit ${key}`),
        setOutputs: (role, deviceIds) => {
          this.#shelf.outputs[role] = deviceIds;
        },
        unlock: async () => this.#unlock(),
        close: () => this.sounding.clear(),
      }),
    };
  }

  #unlock(): boolean {
    this.isPlaybackBlocked = false;
    return true;
  }

  #openSource(kind: 'audio' | 'video', constraints: MediaTrackConstraints | true): MediaStreamTrack {
    if (this.permission === 'denied')
      throw new ClientError(kind === 'audio' ? 'microphone-denied' : 'camera-denied');
    const track = this.#shelf.openSource(kind, constraints);
    if (this.permission === 'prompt') {
      this.permission = 'granted';
      this.#shelf.changed();
    }
    return track;
  }
}
