import { ClientError } from '../errors.ts';
import type { LifecycleEvent, Permission, Platform, PlatformSocket, SocketHandlers } from '../platform.ts';
import { fakeEngine, fakeStream, fakeTrack } from './fake-media.ts';
import type { Clock } from './virtual-clock.ts';

/** What opening a microphone or a camera meets: the name of the error `getUserMedia` would reject with. */
export type SourceRefusal =
  | 'NotAllowedError'
  | 'NotFoundError'
  | 'NotReadableError'
  | 'OverconstrainedError'
  | 'AbortError';

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
  readonly refuse: { microphone?: SourceRefusal; camera?: SourceRefusal } = {};
  /** What the browser says before it asks the person. Default: it has been granted before. */
  permission: Permission = 'granted';
  /** Whether the browser will not play sound before the person has touched the page. */
  isPlaybackBlocked = false;
  /** Sounds that the SDK makes now: `incoming`, `ringback`. */
  readonly sounding = new Set<string>();
  /** Every sound there was, in order: `incoming`, `ringback`, `hangup`, `busy`, `unavailable`, `digit 1`. */
  readonly heard: string[] = [];
  /** Microphones and cameras that are open now. */
  readonly open = new Set<MediaStreamTrack>();
  readonly platform: Platform;
  #lifecycle: (event: LifecycleEvent) => void = () => undefined;
  #names = 0;
  readonly #name: string;

  /** @internal Made by {@link FakeGateway.page}. */
  constructor(host: PageHost, name: string) {
    this.#name = name;
    this.platform = this.#makePlatform(host);
  }

  /** Something happens to the page: it is hidden into the back/forward cache, comes back, is left for good. */
  tell(event: LifecycleEvent): void {
    this.#lifecycle(event);
  }

  #makePlatform({ clock, openSocket }: PageHost): Platform {
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
      loadMediaEngine: async () => fakeEngine,
      openSource: async (kind) => this.#openSource(kind),
      createStream: fakeStream,
      createPlaceholder: (kind) => {
        const track = fakeTrack(kind);
        return { track, paint: () => undefined, close: () => track.stop() };
      },
      createSpeaker: () => ({
        play: (_stream, onBlocked) => onBlocked(this.isPlaybackBlocked),
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
        unlock: async () => this.#unlock(),
        close: () => this.sounding.clear(),
      }),
    };
  }

  #unlock(): boolean {
    this.isPlaybackBlocked = false;
    return true;
  }

  #openSource(kind: 'audio' | 'video'): MediaStreamTrack {
    const refusal = this.refuse[kind === 'audio' ? 'microphone' : 'camera'];
    if (refusal !== undefined) throw new DOMException(`the fake page refuses its ${kind} source`, refusal);
    if (this.permission === 'denied')
      throw new ClientError(kind === 'audio' ? 'microphone-denied' : 'camera-denied');
    const track = fakeTrack(kind);
    const stop = track.stop.bind(track);
    track.stop = () => {
      this.open.delete(track);
      stop();
    };
    this.open.add(track);
    return track;
  }
}
