import type { MediaId } from '@parley/protocol';
import type { AudioCodecOptions, CallMediaSnapshot, SourceOption } from '../api.ts';
import { asClientError, type ClientError } from '../errors.ts';
import type { EngineTransport, MediaEngine, SendOptions } from '../media-engine.ts';
import type { Platform } from '../platform.ts';
import { openWanted } from './call-devices.ts';
import type { LateDevices } from './late-devices.ts';
import { LocalSource, type SourceMessage } from './local-source.ts';

type Kind = 'audio' | 'video';

export interface OwnSourcesOptions {
  readonly platform: Platform;
  readonly tell: (message: SourceMessage) => void;
  readonly onChange: () => void;
  /** One of them could not be opened, or failed after it had worked. */
  readonly onSourceError: (kind: Kind, error: ClientError) => void;
  readonly devices: LateDevices;
  /** How the microphone is encoded. */
  readonly audio: AudioCodecOptions | undefined;
}

/** Each list once, so that it stays the same as long as it says the same. */
const INTERRUPTED = [[], ['microphone'], ['camera'], ['microphone', 'camera']] as const;

/** Where the sources go up. */
export interface WayUp {
  readonly engine: MediaEngine;
  readonly transport: EngineTransport;
  readonly transportId: MediaId;
  /** How pictures are sent; absent, in one size. */
  readonly video?: SendOptions | undefined;
}

/** A person's microphone and camera in one call: which of them go up, and which are open. */
export class OwnSources {
  readonly stream: MediaStream;
  readonly #options: OwnSourcesOptions;
  readonly #sources: Readonly<Record<Kind, LocalSource>>;
  /** Which sources go up in this call, open or not. */
  #sends: Record<Kind, boolean> = { audio: false, video: false };
  readonly #isOut: Record<Kind, boolean> = { audio: false, video: false };
  #way: WayUp | null = null;
  #isClosed = false;

  constructor(options: OwnSourcesOptions) {
    this.#options = options;
    this.stream = options.platform.createStream();
    const source = (kind: Kind): LocalSource =>
      new LocalSource({
        ...options,
        kind,
        openSource: (...wish) => openWanted(options.devices, ...wish),
        rescue: (track) => options.devices.desk?.rescue(this.of(kind), track),
        onChange: () => this.#changed(),
        onError: (error) => options.onSourceError(kind, error),
      });
    this.#sources = { audio: source('audio'), video: source('video') };
  }

  of(kind: Kind): LocalSource {
    return this.#sources[kind];
  }

  /** Which of them the system has taken away for now; the same list as long as nothing about it changes. */
  get interrupted(): CallMediaSnapshot['interrupted'] {
    const { audio, video } = this.#sources;
    return INTERRUPTED[(audio.isInterrupted ? 1 : 0) + (video.isInterrupted ? 2 : 0)] ?? [];
  }

  /** What goes up from the start, open or not. What was taken out of the call before it began stays out. */
  begin(sends: { readonly audio: boolean; readonly video: boolean }): void {
    this.#sends = { audio: sends.audio && !this.#isOut.audio, video: sends.video && !this.#isOut.video };
  }

  /** There is a way up now, or another one. */
  publish(way: WayUp): void {
    this.#way = way;
    this.#publish('audio', way);
    this.#publish('video', way);
  }

  lostWay(): void {
    this.#way = null;
  }

  #publish(kind: Kind, way: WayUp): void {
    if (!this.#sends[kind] || !way.engine.canSend(kind)) return;
    const options =
      kind === 'video'
        ? way.engine.canLayer === true
          ? way.video
          : undefined
        : codecOptions(this.#options.audio);
    this.#sources[kind].publish(way.transport, way.transportId, options).catch((thrown: unknown) => {
      if (this.#way === way) this.#options.onSourceError(kind, asClientError(thrown, 'media-failed'));
    });
  }

  /** Opens what the person answered or called with, and takes out what she did not. */
  open(microphone: SourceOption, video: SourceOption): void {
    this.#openOrWithdraw('audio', microphone);
    this.#openOrWithdraw('video', video);
  }

  #openOrWithdraw(kind: Kind, option: SourceOption): void {
    const source = this.#sources[kind];
    if (option === false) {
      this.withdraw(kind);
    } else if (source.track === null && !(kind === 'video' && source.isMuted)) {
      source.open(constraintsOf(option)).catch((thrown: unknown) => this.#complain(kind, thrown));
    }
  }

  #complain(kind: Kind, thrown: unknown): void {
    if (this.#isClosed) return;
    this.#options.onSourceError(
      kind,
      asClientError(thrown, kind === 'audio' ? 'microphone-failed' : 'camera-failed'),
    );
  }

  /** Opens the microphone before the call is answered with it. */
  openMicrophone(option: SourceOption): Promise<void> {
    return this.#sources.audio.open(constraintsOf(option));
  }

  /** The person has thought better of it: the microphone is closed, the call rings on. */
  closeMicrophone(): void {
    this.#sources.audio.shut();
  }

  /** `mayOpen`: the person has agreed to be heard; before that, only her wish is kept. */
  mute(isMuted: boolean, mayOpen: boolean): void {
    const microphone = this.#sources.audio;
    microphone.presetMuted(isMuted);
    if (!mayOpen || microphone.state === 'opening') return;
    if (isMuted) {
      microphone.mute();
    } else {
      this.#bring('audio');
      microphone.unmute().catch((thrown: unknown) => this.#complain('audio', thrown));
    }
  }

  async muteVideo(isMuted: boolean, mayOpen: boolean): Promise<void> {
    const camera = this.#sources.video;
    camera.presetMuted(isMuted);
    if (!mayOpen) return;
    if (isMuted) {
      camera.mute();
    } else if (camera.track === null) {
      this.#bring('video');
      await camera.unmute();
    }
  }

  /** Takes a source out of the call, for good or until it is unmuted. */
  withdraw(kind: Kind): void {
    this.#isOut[kind] = true;
    this.#sends[kind] = false;
    this.#sources[kind].withdraw();
  }

  /** Puts a source into a running call that it was not part of, or was taken out of. */
  #bring(kind: Kind): void {
    this.#isOut[kind] = false;
    if (this.#sends[kind]) return;
    this.#sends[kind] = true;
    if (this.#way !== null) this.#publish(kind, this.#way);
  }

  #changed(): void {
    if (this.#isClosed) return;
    this.#showLocal();
    this.#options.onChange();
  }

  /** The self-view holds what is open, and nothing that is not. */
  #showLocal(): void {
    const open = Object.values(this.#sources).flatMap(({ track }) => track ?? []);
    for (const track of this.stream.getTracks()) if (!open.includes(track)) this.stream.removeTrack(track);
    for (const track of open) if (!this.stream.getTracks().includes(track)) this.stream.addTrack(track);
  }

  close(): void {
    this.#isClosed = true;
    this.#sources.audio.close();
    this.#sources.video.close();
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track);
  }
}

function codecOptions(audio: AudioCodecOptions | undefined): SendOptions | undefined {
  if (audio === undefined) return undefined;
  const { dtx, fec, maxBitrate } = audio;
  return { codecOptions: { opusDtx: dtx, opusFec: fec, opusMaxAverageBitrate: maxBitrate } };
}

function constraintsOf(option: SourceOption): MediaTrackConstraints | true {
  return typeof option === 'object' ? option : true;
}
