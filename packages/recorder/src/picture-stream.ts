import { keyFrameSize, readPicturePart, type PictureCodec, type PictureSize } from './picture-packet.ts';
import { Unwrapper, type RtpPacket } from './rtp.ts';

/** One whole picture as it was encoded. */
export interface Picture {
  readonly codec: PictureCodec;
  readonly ticks: number;
  readonly arrivedAtMs: number;
  /** Set for a picture that stands alone. */
  readonly keyFrame: PictureSize | undefined;
  readonly data: Uint8Array;
}

export interface PictureStreamOptions {
  readonly codec: PictureCodec;
  readonly onPicture: (picture: Picture) => void;
  /** What came cannot be shown without a picture that stands alone. Asked again as long as it is so. */
  readonly onKeyFrameNeeded: () => void;
}

interface Held {
  readonly packet: RtpPacket;
  readonly arrivedAtMs: number;
}

/** A packet that was lost may be sent again; so long it is waited for. */
const MENDING_MS = 400;
const HELD_MAX = 1024;
const FRAME_BYTES_MAX = 4 * 1024 * 1024;
/** Chromium takes no notice of requests that follow one another faster. */
const ASK_EVERY_MS = 400;

/**
 * Puts pictures together from packets that may come out of order, late, or never. What cannot be shown is left out: after
 * a loss everything until the next picture that stands alone.
 */
export class PictureStream {
  readonly #options: PictureStreamOptions;
  readonly #sequences = new Unwrapper(16);
  readonly #timestamps = new Unwrapper(32);
  readonly #held = new Map<number, Held>();
  #next: number | undefined;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #frame: { readonly timestamp: number; readonly arrivedAtMs: number } | undefined;
  #needsKeyFrame = true;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PictureStreamOptions) {
    this.#options = options;
  }

  push(packet: RtpPacket, arrivedAtMs: number): void {
    // Padding keeps a path open and carries nothing.
    const sequence = this.#sequences.unwrap(packet.sequence);
    this.#next ??= sequence;
    if (sequence < this.#next || this.#held.has(sequence)) return;
    // The socket's buffer is its own again after this turn.
    const kept = { ...packet, payload: Uint8Array.from(packet.payload) };
    this.#held.set(sequence, { packet: kept, arrivedAtMs });
    this.#deliver(arrivedAtMs);
    if (this.#needsKeyFrame) this.#ask(arrivedAtMs);
  }

  /** What came before is not continued: the recording was paused, or the picture has not been shown. */
  restart(): void {
    this.#needsKeyFrame = true;
    this.#askedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Where this timestamp is on the same scale as those of pictures. */
  near(timestamp: number): number {
    return this.#timestamps.near(timestamp);
  }

  #deliver(nowMs: number): void {
    for (;;) {
      const next = this.#next ?? 0;
      const held = this.#held.get(next);
      if (held !== undefined) {
        this.#held.delete(next);
        this.#next = next + 1;
        this.#take(held);
        continue;
      }
      if (this.#held.size === 0) return;
      const first = Math.min(...this.#held.keys());
      const waitedMs = nowMs - (this.#held.get(first)?.arrivedAtMs ?? nowMs);
      if (waitedMs < MENDING_MS && this.#held.size < HELD_MAX) return;
      this.#next = first;
      this.#break();
    }
  }

  #take({ packet, arrivedAtMs }: Held): void {
    if (packet.payload.length === 0) return;
    const { codec } = this.#options;
    const part = readPicturePart(codec, packet.payload);
    if (part === undefined) return this.#break();
    if (this.#frame?.timestamp !== packet.timestamp) {
      // The one before it never ended.
      if (this.#frame !== undefined) this.#break();
      if (!part.isFirst) return;
      this.#frame = { timestamp: packet.timestamp, arrivedAtMs };
    }
    this.#parts.push(part.data);
    this.#bytes += part.data.length;
    if (this.#bytes > FRAME_BYTES_MAX) return this.#break();
    if (packet.isMarked || (part.isLast && codec === 'vp9')) this.#complete();
  }

  #complete(): void {
    const frame = this.#frame;
    const data = this.#parts.length === 1 ? (this.#parts[0] ?? new Uint8Array()) : Buffer.concat(this.#parts);
    this.#clear();
    if (frame === undefined) return;
    const ticks = this.#timestamps.unwrap(frame.timestamp);
    const { codec, onPicture } = this.#options;
    const keyFrame = keyFrameSize(codec, data);
    if (keyFrame !== undefined) this.#needsKeyFrame = false;
    if (this.#needsKeyFrame) return;
    onPicture({ codec, ticks, arrivedAtMs: frame.arrivedAtMs, keyFrame, data });
  }

  #break(): void {
    this.#clear();
    this.#needsKeyFrame = true;
  }

  #clear(): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#frame = undefined;
  }

  #ask(nowMs: number): void {
    if (nowMs - this.#askedAtMs < ASK_EVERY_MS) return;
    this.#askedAtMs = nowMs;
    this.#options.onKeyFrameNeeded();
  }
}
