import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { RecordingEnd } from '@parley/switchboard';
import { Application, createEncoder } from 'libopus-wasm';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { RecorderDesk } from './recorder-desk.ts';
import type { BeginOrder, RecorderNews, StreamOrder } from './recorder-order.ts';

const PATH_MS = 30;
const TICK_EVERY = 2;
/** What writes the file is loaded with the first. */
const END_DEADLINE_MS = 15_000;
/** A picture takes so much longer than a sound. */
export const PICTURE_LATER_MS = 120;

/** What the way between a sender and the SFU does to packets. Chance comes from a seed. */
export interface Network {
  readonly loss?: number;
  readonly jitterMs?: number;
  readonly seed?: number;
}

export interface SenderOptions {
  readonly channel?: 0 | 1;
  /** What it says: a tone, or nothing that can be heard. */
  readonly hz?: number;
  readonly party?: string;
  /** Whether it says how loud each packet is, as browsers do. */
  readonly hasLevels?: boolean;
}

let numbers = 0;

/** Somebody who speaks: real Opus in real packets, with timestamps that have nothing to do with anybody's clock. */
export class Sender {
  readonly order: StreamOrder;
  readonly hz: number | undefined;
  readonly hasLevels: boolean;
  /** Packets before this time were sent. */
  sequence: number;
  timestamp: number;
  isSilent = false;

  constructor(options: SenderOptions = {}) {
    numbers += 1;
    const { channel = 0, party = `party-${numbers}`, hz, hasLevels = true } = options;
    this.hz = hz;
    this.hasLevels = hasLevels;
    this.sequence = 65_500 + numbers;
    // Just before it begins again.
    this.timestamp = 0xffff_0000 + numbers * 777;
    const audioLevelId = hasLevels ? 6 : undefined;
    const [fromPort, ssrc] = [20_000 + numbers, 1000 + numbers];
    const id = `stream-${numbers}`;
    this.order = { id, party, channel, codec: 'opus', origin: 'microphone', fromPort, ssrc, audioLevelId };
  }

  packet(payload: Uint8Array, levelDb: number): Buffer {
    const head = Buffer.alloc(this.hasLevels ? 20 : 12);
    head.writeUInt8(this.hasLevels ? 0x90 : 0x80, 0);
    head.writeUInt8(100, 1);
    head.writeUInt16BE(this.sequence & 0xffff, 2);
    head.writeUInt32BE(this.timestamp % 2 ** 32, 4);
    head.writeUInt32BE(this.order.ssrc, 8);
    if (this.hasLevels) head.set([0xbe, 0xde, 0, 1, 0x60, -levelDb, 0, 0], 12);
    this.sequence += 1;
    this.timestamp += 960;
    return Buffer.concat([head, payload]);
  }
}

/** Somebody who is seen: VP8 as far as anybody looks into it, 25 pictures a second, in three packets each. */
export class Camera {
  readonly order: StreamOrder;
  #sequence: number;
  timestamp: number;
  /** How many pictures were sent. */
  sent = 0;

  constructor(options: { readonly channel?: 0 | 1; readonly party: string; readonly origin?: string }) {
    numbers += 1;
    const { channel = 0, party, origin = 'camera' } = options;
    this.#sequence = 65_530;
    this.timestamp = 0xffff_ff00 - numbers * 3;
    const [fromPort, ssrc] = [20_000 + numbers, 1000 + numbers];
    const id = `stream-${numbers}`;
    this.order = { id, party, channel, codec: 'vp8', origin, fromPort, ssrc, audioLevelId: undefined };
  }

  picture(isKeyFrame: boolean): Buffer[] {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(this.sent);
    const head = isKeyFrame ? [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01] : [0x11, 0, 0];
    const parts = [Buffer.concat([Buffer.from(head), number]), Buffer.alloc(900, 1), Buffer.alloc(300, 2)];
    const packets = parts.map((part, index) => {
      const rtp = Buffer.alloc(12);
      rtp.writeUInt8(0x80, 0);
      rtp.writeUInt8(index === 2 ? 0xe5 : 0x65, 1);
      rtp.writeUInt16BE((this.#sequence + index) & 0xffff, 2);
      rtp.writeUInt32BE(this.timestamp, 4);
      rtp.writeUInt32BE(this.order.ssrc, 8);
      // With a picture id, as browsers send it.
      const descriptor = [
        index === 0 ? 0x90 : 0x80,
        0x80,
        0x80 | ((this.sent >> 8) & 0x7f),
        this.sent & 0xff,
      ];
      return Buffer.concat([rtp, Buffer.from(descriptor), part]);
    });
    this.#sequence += packets.length;
    this.timestamp = (this.timestamp + 3600) % 2 ** 32;
    this.sent += 1;
    return packets;
  }
}

/** The frames of a tone of half full loudness, encoded as a browser would. */
export async function toneFrames(hz: number | undefined, count: number): Promise<Uint8Array[]> {
  const encoder = await createEncoder({
    sampleRate: 48_000,
    channels: 1,
    frameSize: 960,
    application: Application.Voip,
    bitrate: 32_000,
    fec: true,
    packetLossPercent: 10,
  });
  const frames: Uint8Array[] = [];
  for (let n = 0; n < count; n += 1) {
    const samples = Float32Array.from({ length: 960 }, (_, index) =>
      hz === undefined ? 0 : 0.5 * Math.sin((2 * Math.PI * hz * (n * 960 + index)) / 48_000),
    );
    frames.push(encoder.encodeFloat(samples).slice());
  }
  encoder.free();
  return frames;
}

/** A desk with a clock that is turned by hand, and everything it said. */
export class Studio {
  readonly news: RecorderNews[] = [];
  readonly directory: string;
  nowMs = 1_000_000;
  readonly desk = new RecorderDesk({ tell: (news) => this.news.push(news), nowMs: () => this.nowMs });
  readonly #frames = new Map<number | undefined, { readonly of: Uint8Array[] }>();
  readonly #asked = new Map<string, number>();
  #onTheWay: { readonly atMs: number; readonly packet: Buffer; readonly fromPort: number }[] = [];

  constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<Studio> {
    return new Studio(await mkdtemp(join(tmpdir(), 'parley-studio-')));
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }

  begin(sid: string, options: Partial<BeginOrder> = {}): void {
    const { media = 'audio' } = options;
    this.desk.handle({
      type: 'begin',
      sid,
      path: join(this.directory, `${sid}.${media === 'audio' ? 'ogg' : 'webm'}`),
      channels: 1,
      media,
      trim: false,
      maxLengthMs: 3_600_000,
      silenceTimeoutMs: undefined,
      bytesMax: 1e9,
      ...options,
    });
  }

  /** These speak for so long, over such a network. What is behind when it is over arrives first in the next. */
  async speak(
    ms: number,
    senders: readonly Sender[],
    network: Network = {},
    cameras: readonly Camera[] = [],
  ): Promise<void> {
    const { loss = 0, jitterMs = 0, seed = 1 } = network;
    const chance = chanceOf(seed);
    for (const { hz } of senders) {
      if (!this.#frames.has(hz)) this.#frames.set(hz, { of: await toneFrames(hz, 250) });
    }
    const startMs = this.nowMs;
    for (let slot = 0; slot * 20 < ms; slot += 1) {
      const sentAtMs = startMs + slot * 20;
      const send = (packet: Buffer, fromPort: number, pathMs: number): void => {
        if (chance() < loss) return;
        this.#onTheWay.push({ atMs: sentAtMs + pathMs + chance() * jitterMs, packet, fromPort });
      };
      for (const sender of senders) {
        const frames = this.#frames.get(sender.hz)?.of ?? [];
        const frame = frames[sender.sequence % frames.length] ?? new Uint8Array();
        send(sender.packet(frame, sender.hz === undefined ? -90 : -9), sender.order.fromPort, PATH_MS);
      }
      for (const camera of cameras) {
        if (slot % 2 !== 0) continue;
        for (const packet of camera.picture(this.#owesKeyFrame(camera))) {
          send(packet, camera.order.fromPort, PATH_MS + PICTURE_LATER_MS);
        }
      }
      this.#onTheWay.sort((one, other) => one.atMs - other.atMs);
      const untilMs = sentAtMs + 20;
      while ((this.#onTheWay[0]?.atMs ?? Number.POSITIVE_INFINITY) <= untilMs) {
        const next = this.#onTheWay.shift();
        if (next === undefined) break;
        this.nowMs = next.atMs;
        this.desk.packet(next.packet, next.fromPort);
      }
      this.nowMs = untilMs;
      if (slot % TICK_EVERY === 0) this.desk.tick();
      // Coders are made in turns of their own.
      await turn();
    }
  }

  /** Whether somebody has asked since the last picture. */
  #owesKeyFrame({ order }: Camera): boolean {
    const asked = this.news.filter((each) => each.type === 'keyFrame' && each.id === order.id).length;
    const before = this.#asked.get(order.id) ?? 0;
    this.#asked.set(order.id, asked);
    return asked > before;
  }

  /** Both say when they were at which timestamp: now, on the clock they share. */
  report(sid: string, ...senders: readonly (Sender | Camera)[]): void {
    for (const { order, timestamp } of senders) {
      // What is sent next is taken now.
      this.desk.handle({
        type: 'report',
        sid,
        id: order.id,
        ntpMs: this.nowMs + 5e11,
        rtpTimestamp: timestamp % 2 ** 32,
      });
    }
  }

  /** Nobody speaks. */
  pass(ms: number): Promise<void> {
    return this.speak(ms, []);
  }

  async end(sid: string): Promise<RecordingEnd> {
    this.desk.handle({ type: 'end', sid, why: 'stopped' });
    return this.ended(sid);
  }

  async ended(sid: string): Promise<RecordingEnd> {
    const deadlineMs = performance.now() + END_DEADLINE_MS;
    while (performance.now() < deadlineMs) {
      for (const each of this.news) if (each.type === 'ended' && each.sid === sid) return each.end;
      await sleep(2);
    }
    throw new Error(`${sid} does not end: ${JSON.stringify(this.news)}`);
  }

  isOver(sid: string): boolean {
    return this.news.some((each) => each.type === 'ended' && each.sid === sid);
  }
}

/** The samples of a file, read by a decoder that is not ours. */
export async function listen(file: string | null): Promise<Float32Array[]> {
  if (file === null) throw new Error('there is no file');
  const decoder = new OggOpusDecoder();
  await decoder.ready;
  const { channelData, errors } = await decoder.decodeFile(await readFile(file));
  decoder.free();
  if (errors.length > 0) throw new Error(`the file cannot be decoded: ${JSON.stringify(errors[0])}`);
  return channelData;
}

/** How loud a tone is in a stretch of samples: 1 for one of full loudness. */
export function loudness(
  samples: Float32Array | undefined,
  hz: number,
  fromMs: number,
  toMs: number,
): number {
  if (samples === undefined) throw new Error('there is no such channel');
  const stretch = samples.subarray(fromMs * 48, toMs * 48);
  let [cos, sin] = [0, 0];
  for (const [index, sample] of stretch.entries()) {
    const angle = (2 * Math.PI * hz * index) / 48_000;
    cos += sample * Math.cos(angle);
    sin += sample * Math.sin(angle);
  }
  return (2 * Math.hypot(cos, sin)) / stretch.length;
}

/** When a tone is first heard, to 10 ms. */
export function onset(samples: Float32Array | undefined, hz: number, afterMs = 0): number {
  const endMs = (samples?.length ?? 0) / 48;
  for (let atMs = afterMs; atMs + 20 < endMs; atMs += 10) {
    if (loudness(samples, hz, atMs, atMs + 20) > 0.2) return atMs;
  }
  throw new Error(`a tone of ${hz} Hz is not heard`);
}

function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    // mulberry32
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
