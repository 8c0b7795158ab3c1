/** Every frame lasts so long. */
export const FRAME_MS = 20;
const FRAME_TICKS = 960;
const TICKS_PER_MS = 48;
export const OPUS_PAYLOAD_TYPE = 100;

/** Streams that begin together are sent at four times within a frame, so that no burst is larger than it must be. */
const PHASES = 4;
/** What is late by less is caught up with; after a longer stall everything is heard that much later. */
const CATCH_UP_MS = 3 * FRAME_MS;
/** When so little is left of what was given, more is asked for. */
const LOW_WATER_FRAMES = 100;
/** Lateness is counted in tenths of a millisecond, up to a second. */
const LATENESS_BINS = 10_000;

export interface PackedFrames {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lengths: Uint16Array<ArrayBuffer>;
}

/** What a pacer is told. A line is the way to one listener; a play is what is heard on it for a while. */
export type PacerOrder =
  /** Where the packets of a line go; 0: nowhere, which takes as long. */
  | { readonly type: 'aim'; readonly line: number; readonly ssrc: number; readonly port: number }
  | { readonly type: 'frames'; readonly line: number; readonly play: number; readonly packed: PackedFrames }
  /** Nothing is sent of a play before this. */
  | { readonly type: 'go'; readonly line: number; readonly play: number }
  /** No more frames will come. */
  | { readonly type: 'end'; readonly line: number; readonly play: number }
  | { readonly type: 'stop'; readonly line: number; readonly play: number }
  | { readonly type: 'hangUp'; readonly line: number }
  | { readonly type: 'report' };

/** How punctual it was since it was last asked. */
export interface PacingReport {
  readonly packets: number;
  readonly lateMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** What a pacer tells. */
export type PacerNews =
  | { readonly type: 'listening'; readonly port: number }
  /** More frames are wanted. */
  | { readonly type: 'low'; readonly line: number; readonly play: number }
  /** The last frame has been sent. */
  | { readonly type: 'over'; readonly line: number; readonly play: number }
  | { readonly type: 'report'; readonly report: PacingReport };

export interface PacerOptions {
  readonly send: (packet: Uint8Array, port: number) => void;
  readonly tell: (news: PacerNews) => void;
}

interface Play {
  readonly id: number;
  frames: Uint8Array[];
  next: number;
  isHeld: boolean;
  hasEnd: boolean;
  isLowTold: boolean;
  /** When the next frame is due; undefined while there is none, or it is held. */
  dueMs: number | undefined;
  isFirst: boolean;
}

interface Line {
  ssrc: number;
  port: number;
  sequence: number;
  timestamp: number;
  /** When the timestamp was right. */
  timestampAtMs: number;
  play: Play | undefined;
}

/**
 * Sends the frames of many plays, each 20 ms after the one before, on one absolute timeline: lateness is caught up with
 * and never adds up. It is told the time, and knows neither sockets nor threads.
 */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #lines = new Map<number, Line>();
  readonly #lateness = new Uint32Array(LATENESS_BINS);
  #packets = 0;
  #begun = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  handle(order: PacerOrder, nowMs: number): void {
    switch (order.type) {
      case 'aim':
        this.#aim(order, nowMs);
        return;
      case 'frames': {
        const play = this.#play(order);
        if (play === undefined) return;
        unpack(order.packed, play.frames);
        play.isLowTold = false;
        this.#schedule(play, nowMs);
        return;
      }
      case 'go': {
        const play = this.#play(order);
        if (play === undefined) return;
        play.isHeld = false;
        this.#schedule(play, nowMs);
        return;
      }
      case 'end': {
        const play = this.#play(order);
        if (play === undefined) return;
        play.hasEnd = true;
        this.#schedule(play, nowMs);
        return;
      }
      case 'stop': {
        const line = this.#lines.get(order.line);
        if (line?.play?.id === order.play) line.play = undefined;
        return;
      }
      case 'hangUp':
        this.#lines.delete(order.line);
        return;
      case 'report':
        this.#options.tell({ type: 'report', report: this.#report() });
    }
  }

  /** Sends what is due, and says when the next is. */
  tick(nowMs: number): number | undefined {
    let nextMs: number | undefined;
    for (const [id, line] of this.#lines) {
      const { play } = line;
      if (play === undefined) continue;
      while (play.dueMs !== undefined && play.dueMs <= nowMs) this.#sendNext(id, line, play, nowMs);
      if (play.dueMs !== undefined && (nextMs === undefined || play.dueMs < nextMs)) nextMs = play.dueMs;
    }
    return nextMs;
  }

  #aim({ line: id, ssrc, port }: Extract<PacerOrder, { type: 'aim' }>, nowMs: number): void {
    const line = this.#lines.get(id);
    if (line !== undefined) {
      line.ssrc = ssrc;
      line.port = port;
      return;
    }
    this.#lines.set(id, {
      ssrc,
      port,
      // RFC 3550 wants them to be random against attacks on known plain text; what follows the SFU is encrypted anew.
      sequence: ssrc & 0x7fff,
      timestamp: ssrc,
      timestampAtMs: nowMs,
      play: undefined,
    });
  }

  /** The play of an order; a new one takes the place of the one before. */
  #play({ line: id, play }: { readonly line: number; readonly play: number }): Play | undefined {
    const line = this.#lines.get(id);
    if (line === undefined) return undefined;
    if (line.play === undefined || line.play.id < play) {
      line.play = {
        id: play,
        frames: [],
        next: 0,
        isHeld: true,
        hasEnd: false,
        isLowTold: false,
        dueMs: undefined,
        isFirst: true,
      };
    }
    return line.play.id === play ? line.play : undefined;
  }

  /** Sets a play going that waited for frames, for its end or for leave. */
  #schedule(play: Play, nowMs: number): void {
    if (play.isHeld || play.dueMs !== undefined) return;
    if (play.next >= play.frames.length && !play.hasEnd) return;
    this.#begun += 1;
    play.dueMs = nowMs + (play.isFirst ? ((this.#begun % PHASES) * FRAME_MS) / PHASES : 0);
  }

  #sendNext(id: number, line: Line, play: Play, nowMs: number): void {
    const frame = play.frames[play.next];
    if (frame === undefined) {
      play.dueMs = undefined;
      if (!play.hasEnd) return;
      line.play = undefined;
      this.#options.tell({ type: 'over', line: id, play: play.id });
      return;
    }
    const dueMs = play.dueMs ?? nowMs;
    const bin = Math.min(LATENESS_BINS - 1, Math.floor((nowMs - dueMs) * 10));
    this.#lateness[bin] = (this.#lateness[bin] ?? 0) + 1;
    this.#packets += 1;
    this.#send(line, play, frame, dueMs);
    play.next += 1;
    // Memory of what was heard is given back now and then, not frame by frame.
    if (play.next >= LOW_WATER_FRAMES) {
      play.frames = play.frames.slice(play.next);
      play.next = 0;
    }
    // After a stall nothing is left out: everything is heard later.
    play.dueMs = (nowMs - dueMs > CATCH_UP_MS ? nowMs : dueMs) + FRAME_MS;
    const left = play.frames.length - play.next;
    if (left === 0 && play.hasEnd) {
      line.play = undefined;
      play.dueMs = undefined;
      this.#options.tell({ type: 'over', line: id, play: play.id });
    } else if (left < LOW_WATER_FRAMES && !play.hasEnd && !play.isLowTold) {
      play.isLowTold = true;
      this.#options.tell({ type: 'low', line: id, play: play.id });
    }
  }

  #send(line: Line, play: Play, frame: Uint8Array, dueMs: number): void {
    // A pause is a pause for the listener, too: timestamps go on with the clock.
    const pausedTicks = Math.round((dueMs - line.timestampAtMs) * TICKS_PER_MS);
    if (play.isFirst || pausedTicks > FRAME_TICKS) line.timestamp += Math.max(0, pausedTicks);
    line.timestamp >>>= 0;
    line.timestampAtMs = dueMs + FRAME_MS;
    // RFC 3550 §5.1
    const packet = new Uint8Array(12 + frame.byteLength);
    const view = new DataView(packet.buffer);
    packet[0] = 0x80;
    packet[1] = OPUS_PAYLOAD_TYPE | (play.isFirst ? 0x80 : 0);
    view.setUint16(2, line.sequence);
    view.setUint32(4, line.timestamp);
    view.setUint32(8, line.ssrc);
    packet.set(frame, 12);
    play.isFirst = false;
    line.sequence = (line.sequence + 1) & 0xffff;
    line.timestamp = (line.timestamp + FRAME_TICKS) >>> 0;
    if (line.port !== 0) this.#options.send(packet, line.port);
  }

  #report(): PacingReport {
    const packets = this.#packets;
    const below = (share: number): number => {
      let seen = 0;
      const bin = this.#lateness.findIndex((count) => (seen += count) > share * (packets - 1));
      return Math.max(0, bin) / 10;
    };
    const report = {
      packets,
      lateMs: {
        p50: below(0.5),
        p99: below(0.99),
        max:
          Math.max(
            0,
            this.#lateness.findLastIndex((count) => count > 0),
          ) / 10,
      },
    };
    this.#packets = 0;
    this.#lateness.fill(0);
    return report;
  }
}

export function packFrames(frames: readonly Uint8Array[]): PackedFrames {
  const lengths = Uint16Array.from(frames, ({ byteLength }) => byteLength);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    bytes.set(frame, at);
    at += frame.byteLength;
  }
  return { bytes, lengths };
}

function unpack({ bytes, lengths }: PackedFrames, into: Uint8Array[]): void {
  let at = 0;
  for (const length of lengths) into.push(bytes.subarray(at, (at += length)));
}
