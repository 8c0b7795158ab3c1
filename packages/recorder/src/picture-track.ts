import type { PictureCodec } from './picture-packet.ts';
import { PictureStream } from './picture-stream.ts';
import type { RecordingFile } from './recording-file.ts';
import type { RtpPacket } from './rtp.ts';

/** So far apart are pictures that stand alone, where nothing asks for one earlier: how precisely one can seek. */
const KEY_FRAME_EVERY_MS = 6000;

export interface PictureTrackOptions {
  readonly file: RecordingFile;
  readonly requestKeyFrame: (streamId: string) => void;
}

interface Camera {
  readonly id: string;
  readonly stream: PictureStream;
  /** The least of those that can be seen is recorded. */
  readonly rank: number;
  isMuted: boolean;
  keyFrameAtMs: number;
}

/**
 * The one picture of a recording: of everything that can be seen, what matters most. It changes at a picture that stands
 * alone, so that a player never sees a mixture.
 */
export class PictureTrack {
  readonly #options: PictureTrackOptions;
  readonly #cameras = new Map<string, Camera>();

  constructor(options: PictureTrackOptions) {
    this.#options = options;
  }

  add(options: {
    readonly id: string;
    readonly party: string;
    readonly rank: number;
    readonly codec: PictureCodec;
  }): void {
    const { id, party, rank, codec } = options;
    const { file, requestKeyFrame } = this.#options;
    const stream = new PictureStream({
      codec,
      onKeyFrameNeeded: () => {
        if (this.#shown()?.id === id) requestKeyFrame(id);
      },
      onPicture: (picture) => {
        const camera = this.#cameras.get(id);
        if (camera === undefined || this.#shown() !== camera) return;
        if (picture.keyFrame !== undefined) camera.keyFrameAtMs = picture.arrivedAtMs;
        file.picture(id, picture);
      },
    });
    const camera = { id, stream, rank, isMuted: false, keyFrameAtMs: Number.NEGATIVE_INFINITY };
    this.#change(() => this.#cameras.set(id, camera));
    file.stream(id, party, 'video');
  }

  remove(id: string): void {
    this.#change(() => this.#cameras.delete(id));
  }

  muted(id: string, isMuted: boolean): void {
    const camera = this.#cameras.get(id);
    if (camera !== undefined) this.#change(() => (camera.isMuted = isMuted));
  }

  packet(id: string, packet: RtpPacket, atMs: number): void {
    const camera = this.#cameras.get(id);
    // What is not shown is not put together either.
    if (camera !== undefined && this.#shown() === camera) camera.stream.push(packet, atMs);
  }

  near(id: string, timestamp: number): number | undefined {
    return this.#cameras.get(id)?.stream.near(timestamp);
  }

  /** The recording goes on after a pause. */
  restart(): void {
    const shown = this.#shown();
    shown?.stream.restart();
    if (shown !== undefined) this.#options.requestKeyFrame(shown.id);
  }

  /** Asks for a picture that stands alone, when the last is some time ago. */
  tick(nowMs: number): void {
    const shown = this.#shown();
    if (shown === undefined || nowMs - shown.keyFrameAtMs < KEY_FRAME_EVERY_MS) return;
    shown.keyFrameAtMs = nowMs;
    this.#options.requestKeyFrame(shown.id);
  }

  #change(change: () => void): void {
    const before = this.#shown();
    change();
    const shown = this.#shown();
    if (shown === before) return;
    // Not a word of what it sent before: it begins with a picture that stands alone.
    shown?.stream.restart();
    if (shown !== undefined) this.#options.requestKeyFrame(shown.id);
  }

  #shown(): Camera | undefined {
    let shown: Camera | undefined;
    for (const camera of this.#cameras.values()) {
      if (!camera.isMuted && (shown === undefined || camera.rank < shown.rank)) shown = camera;
    }
    return shown;
  }
}
