import type { EngineTransportOptions, MediaEngine } from '../media-engine.ts';
import { createPlaceholder } from '../shell/browser-media.ts';
import { FakeCounters, type FakeNetwork } from './fake-stats.ts';
import type { Clock } from './virtual-clock.ts';

/** Whether this is a real browser, where elements take real streams only. */
const hasRealMedia =
  typeof MediaStream !== 'undefined' &&
  typeof AudioContext !== 'undefined' &&
  typeof HTMLCanvasElement !== 'undefined' &&
  'captureStream' in HTMLCanvasElement.prototype;

/** A track that carries nothing: in a browser silence or black, elsewhere as much of a track as anybody looks at. */
export function fakeTrack(kind: 'audio' | 'video'): MediaStreamTrack {
  if (hasRealMedia) return createPlaceholder(kind).track;
  return new FakeTrack(kind) as unknown as MediaStreamTrack;
}

/** A stream for such tracks. */
export function fakeStream(): MediaStream {
  if (hasRealMedia) return new MediaStream();
  const fake = new FakeStream() as unknown as MediaStream;
  if (typeof MediaStream === 'undefined') return fake;
  // A simulated DOM has streams of its own, which its elements want, and no tracks to put into them.
  const stream = new MediaStream();
  for (const name of ['addTrack', 'removeTrack', 'getTracks', 'getAudioTracks', 'getVideoTracks'] as const)
    Object.defineProperty(stream, name, { value: fake[name].bind(fake) });
  return stream;
}

let made = 0;

class FakeTrack extends EventTarget {
  readonly id: string;
  readonly kind: 'audio' | 'video';
  readonly label: string;
  enabled = true;
  readonly muted = false;
  readyState: 'live' | 'ended' = 'live';

  constructor(kind: 'audio' | 'video') {
    super();
    made += 1;
    this.id = `fake-${kind}-${made}`;
    this.kind = kind;
    this.label = kind === 'audio' ? 'Fake microphone' : 'Fake camera';
  }

  stop(): void {
    this.readyState = 'ended';
  }

  clone(): FakeTrack {
    return Object.assign(new FakeTrack(this.kind), { enabled: this.enabled });
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.label };
  }

  getConstraints(): MediaTrackConstraints {
    return {};
  }

  async applyConstraints(): Promise<void> {
    // Whatever is asked of it, it carries nothing.
  }
}

class FakeStream extends EventTarget {
  readonly id: string;
  readonly #tracks = new Set<MediaStreamTrack>();

  constructor() {
    super();
    made += 1;
    this.id = `fake-stream-${made}`;
  }

  get active(): boolean {
    return this.getTracks().some((track) => track.readyState === 'live');
  }

  addTrack(track: MediaStreamTrack): void {
    this.#tracks.add(track);
  }

  removeTrack(track: MediaStreamTrack): void {
    this.#tracks.delete(track);
  }

  getTracks(): MediaStreamTrack[] {
    return Array.from(this.#tracks);
  }

  getAudioTracks(): MediaStreamTrack[] {
    return this.getTracks().filter((track) => track.kind === 'audio');
  }

  getVideoTracks(): MediaStreamTrack[] {
    return this.getTracks().filter((track) => track.kind === 'video');
  }
}

/** A media engine without a network: transports connect at once, tracks arrive, and what a browser counts is made up. */
export function fakeEngine(clock: Clock, network: FakeNetwork): MediaEngine {
  return {
    rtpCapabilities: { codecs: [] },
    canSend: () => true,
    createTransport: (options) =>
      new FakeTransport(options, new FakeCounters(clock, network, options.direction)),
  };
}

class FakeTransport implements ReturnType<MediaEngine['createTransport']> {
  readonly #options: EngineTransportOptions;
  readonly #counters: FakeCounters;
  #isConnected = false;

  constructor(options: EngineTransportOptions, counters: FakeCounters) {
    this.#options = options;
    this.#counters = counters;
  }

  #connect(): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#options.onConnect({ role: 'client', fingerprints: [{ algorithm: 'sha-256', value: 'FA:KE' }] });
    this.#options.onState('connecting');
    this.#options.onState('connected');
  }

  async send(track: MediaStreamTrack) {
    this.#connect();
    made += 1;
    const id = `sender-${made}`;
    let now: MediaStreamTrack | null = track;
    this.#counters.add(id, track.kind, () => now);
    return {
      rtpParameters: { kind: track.kind },
      replaceTrack: async (next: MediaStreamTrack | null) => {
        now = next;
      },
      requestKeyFrame: async () => undefined,
      framesEncoded: async () => 3,
      close: async () => this.#counters.remove(id),
    };
  }

  async receive({ consumerId, kind }: { readonly consumerId: string; readonly kind: 'audio' | 'video' }) {
    this.#connect();
    const track = fakeTrack(kind);
    this.#counters.add(consumerId, kind, () => track);
    return {
      track,
      close: async () => {
        this.#counters.remove(consumerId);
        track.stop();
      },
    };
  }

  async restartIce(): Promise<void> {
    this.#options.onState('connected');
  }

  async getStats(): Promise<RTCStatsReport> {
    return this.#counters.read();
  }

  close(): void {
    this.#options.onState('closed');
  }
}
