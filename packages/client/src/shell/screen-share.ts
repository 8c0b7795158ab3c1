import type { MediaId } from '@parley/protocol';
import type { ScreenOptions, SourceState } from '../api.ts';
import { asClientError, ClientError } from '../errors.ts';
import type { EngineSender, EngineTransport } from '../media-engine.ts';
import type { Platform, PlatformDevices } from '../platform.ts';
import type { SourceMessage } from './local-source.ts';

export interface ScreenShareOptions {
  readonly platform: Platform;
  readonly devices: PlatformDevices;
  readonly tell: (message: SourceMessage) => void;
  readonly onChange: () => void;
  readonly onSourceError: (kind: 'video', error: ClientError) => void;
  /** Where to send it now; null while there is no way up. */
  readonly way: () => { readonly transport: EngineTransport; readonly transportId: MediaId } | null;
}

/** Sharp letters at few pictures a second, or fluent ones: what a browser makes of a screen by itself is neither. */
const DETAIL = { hint: 'detail', frameRate: 15, maxBitrate: 2_500_000 } as const;
const MOTION = { hint: 'motion', frameRate: 30, maxBitrate: 4_000_000 } as const;

interface Sent {
  readonly producerId: MediaId;
  readonly sender: EngineSender;
}

/**
 * What a person shares of their screen in one call. It goes beside the camera, and comes and goes as a whole: picture
 * and, where the browser gives it, sound. It ends here, in the browser's own bar, or with the window that was shared.
 */
export class ScreenShare {
  readonly #options: ScreenShareOptions;
  #state: SourceState = 'off';
  #shared: ScreenOptions | null = null;
  #tracks: readonly MediaStreamTrack[] = [];
  #stream: MediaStream | null = null;
  #sent = new Map<MediaStreamTrack, Sent>();
  /** Counts what was asked for; what comes for an earlier asking is not wanted any more. */
  #asked = 0;
  #isClosed = false;

  constructor(options: ScreenShareOptions) {
    this.#options = options;
  }

  get state(): SourceState {
    return this.#state;
  }

  get stream(): MediaStream | null {
    return this.#stream;
  }

  get options(): ScreenOptions | null {
    return this.#shared;
  }

  get track(): MediaStreamTrack | null {
    return this.#tracks.find(({ kind }) => kind === 'video') ?? null;
  }

  /** Lets the person choose, and sends it. What is shared already goes on until they have. Rejects when they do not. */
  async on(options: ScreenOptions = this.#shared ?? {}): Promise<void> {
    if (this.#isClosed) throw new ClientError('call-ended');
    const asked = (this.#asked += 1);
    if (this.#tracks.length === 0) this.#become('opening');
    let tracks: readonly MediaStreamTrack[];
    try {
      tracks = await this.#options.devices.openScreen(constraintsOf(options));
    } catch (thrown) {
      if (asked === this.#asked && this.#tracks.length === 0) this.#become('off');
      throw screenError(thrown);
    }
    if (asked !== this.#asked) {
      for (const track of tracks) track.stop();
      return;
    }
    this.#withdraw();
    this.#take(tracks, options);
    await this.publish();
  }

  #take(tracks: readonly MediaStreamTrack[], options: ScreenOptions): void {
    this.#shared = options;
    this.#tracks = tracks;
    const stream = this.#options.platform.createStream();
    this.#stream = stream;
    for (const track of tracks) {
      stream.addTrack(track);
      if (track.kind === 'video') track.contentHint = kindOf(options).hint;
      // The picture is the share; sound may end by itself.
      if (track.kind === 'video')
        track.addEventListener('ended', () => this.#tracks.includes(track) && this.off(), { once: true });
    }
    this.#become('on');
  }

  /** Sends what is shared; again, when the way up is a new one. */
  async publish(): Promise<void> {
    const way = this.#options.way();
    if (way === null) return;
    try {
      await Promise.all(this.#tracks.map((track) => this.#send(track, way)));
    } catch (thrown) {
      // The way up may have been replaced meanwhile; then it is sent on the other.
      if (this.#options.way()?.transport !== way.transport) return;
      this.off();
      this.#options.onSourceError('video', asClientError(thrown, 'screen-failed'));
    }
  }

  /** The way up is gone, and what went on it. */
  lostWay(): void {
    this.#sent.clear();
  }

  async #send(
    track: MediaStreamTrack,
    { transport, transportId }: NonNullable<ReturnType<ScreenShareOptions['way']>>,
  ): Promise<void> {
    const { platform, tell } = this.#options;
    const kind = track.kind === 'video' ? 'video' : 'audio';
    const producerId = platform.randomId() as MediaId;
    const { maxBitrate } = kindOf(this.#shared ?? {});
    const sender = await transport.send(
      track,
      // Music and films have two channels and no pauses to fill with noise.
      kind === 'video' ? { encodings: [{ maxBitrate }] } : { codecOptions: { opusStereo: true } },
    );
    if (!this.#tracks.includes(track) || this.#options.way()?.transport !== transport) {
      sender.close().catch(() => undefined);
      return;
    }
    this.#sent.set(track, { producerId, sender });
    const { rtpParameters } = sender;
    tell({ type: 'produce', transportId, producerId, kind, source: 'screen', rtpParameters, muted: false });
  }

  /** Stops sharing. */
  off(): void {
    this.#asked += 1;
    this.#withdraw();
    this.#become('off');
  }

  #withdraw(): void {
    const [tracks, sent] = [this.#tracks, this.#sent];
    this.#tracks = [];
    this.#stream = null;
    this.#sent = new Map();
    for (const track of tracks) track.stop();
    for (const { producerId, sender } of sent.values()) {
      this.#options.tell({ type: 'producerClosed', producerId });
      sender.close().catch(() => undefined);
    }
  }

  /** The call is over: nothing is told any more. */
  close(): void {
    this.#isClosed = true;
    this.#asked += 1;
    for (const track of this.#tracks) track.stop();
    this.#tracks = [];
    this.#stream = null;
    this.#sent.clear();
    this.#state = 'off';
  }

  #become(state: SourceState): void {
    if (this.#isClosed) return;
    this.#state = state;
    this.#options.onChange();
  }
}

function kindOf({ optimizeFor }: ScreenOptions): typeof DETAIL | typeof MOTION {
  return optimizeFor === 'motion' ? MOTION : DETAIL;
}

function constraintsOf(options: ScreenOptions): DisplayMediaStreamOptions {
  const { audio = true, surface, maxWidth = 1920, maxHeight = 1080 } = options;
  const { maxFrameRate = kindOf(options).frameRate } = options;
  return {
    video: {
      width: { max: maxWidth },
      height: { max: maxHeight },
      frameRate: { max: maxFrameRate },
      ...(surface === undefined ? {} : { displaySurface: surface }),
    },
    // Echo is not to be sought in what no microphone has heard.
    audio: audio && { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  };
}

function screenError(thrown: unknown): ClientError {
  const name = typeof thrown === 'object' && thrown !== null && 'name' in thrown ? thrown.name : '';
  // A person who closes the dialogue, and a page that may not open it, look the same.
  return asClientError(thrown, name === 'NotAllowedError' ? 'screen-denied' : 'screen-failed');
}
