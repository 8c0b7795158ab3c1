/** Everything in a recording is laid out in slots of so long: what browsers put into one packet. */
export const SLOT_MS = 20;
/** Opus counts time in these, whatever it samples at (RFC 7587 §4.1). */
export const OPUS_CLOCK_RATE = 48_000;
export const SLOT_TICKS = 960;

/** A frame that is silent: CELT, full band, mono. */
export const SILENCE = Uint8Array.of(0xf8, 0xff, 0xfe);

/** How long one frame of each of the 32 configurations lasts, in ticks of 48 kHz (RFC 6716 §3.1, table 2). */
const FRAME_TICKS = [
  ...Array.from({ length: 3 }, () => [480, 960, 1920, 2880]).flat(),
  ...Array.from({ length: 2 }, () => [480, 960]).flat(),
  ...Array.from({ length: 4 }, () => [120, 240, 480, 960]).flat(),
];
/** The longest packet is 120 ms (RFC 6716 §3.2.5). */
const PACKET_TICKS_MAX = 5760;
const FRAME_BYTES_MAX = 1275;

export interface OpusPacket {
  /** The first byte: configuration, mono or stereo, and how frames are packed. */
  readonly toc: number;
  readonly frameTicks: number;
  readonly frames: readonly Uint8Array[];
}

/** Takes a packet apart (RFC 6716 §3.2), or returns undefined where it breaks a rule every receiver must check. */
export function readOpusPacket(packet: Uint8Array): OpusPacket | undefined {
  const [toc] = packet;
  if (toc === undefined) return undefined;
  const frameTicks = FRAME_TICKS[toc >> 3] ?? SLOT_TICKS;
  const frames = readFrames(packet, toc & 3);
  if (frames === undefined || frames.length * frameTicks > PACKET_TICKS_MAX) return undefined;
  if (frames.some(({ length }) => length > FRAME_BYTES_MAX)) return undefined;
  return { toc, frameTicks, frames };
}

function readFrames(packet: Uint8Array, code: number): Uint8Array[] | undefined {
  const rest = packet.subarray(1);
  switch (code) {
    case 0:
      return [rest];
    case 1: {
      if (rest.length % 2 !== 0) return undefined;
      return [rest.subarray(0, rest.length / 2), rest.subarray(rest.length / 2)];
    }
    case 2: {
      const first = readLength(rest, 0);
      if (first === undefined || first.end + first.bytes > rest.length) return undefined;
      return [rest.subarray(first.end, first.end + first.bytes), rest.subarray(first.end + first.bytes)];
    }
    default:
      return readManyFrames(rest);
  }
}

function readManyFrames(rest: Uint8Array): Uint8Array[] | undefined {
  const [count] = rest;
  if (count === undefined) return undefined;
  const frameCount = count & 0x3f;
  if (frameCount === 0) return undefined;
  let at = 1;
  let end = rest.length;
  if ((count & 0x40) !== 0) {
    for (;;) {
      const padding = rest[at];
      if (padding === undefined) return undefined;
      at += 1;
      end -= padding === 255 ? 254 : padding;
      if (padding !== 255) break;
    }
  }
  if (end < at) return undefined;
  const lengths: number[] = [];
  if ((count & 0x80) === 0) {
    if ((end - at) % frameCount !== 0) return undefined;
    for (let index = 0; index < frameCount; index += 1) lengths.push((end - at) / frameCount);
  } else {
    let sum = 0;
    for (let index = 0; index < frameCount - 1; index += 1) {
      const length = readLength(rest, at);
      if (length === undefined) return undefined;
      at = length.end;
      sum += length.bytes;
      lengths.push(length.bytes);
    }
    if (end - at < sum) return undefined;
    lengths.push(end - at - sum);
  }
  return lengths.map((bytes) => {
    at += bytes;
    return rest.subarray(at - bytes, at);
  });
}

function readLength(
  from: Uint8Array,
  at: number,
): { readonly bytes: number; readonly end: number } | undefined {
  const first = from[at];
  if (first === undefined) return undefined;
  if (first < 252) return { bytes: first, end: at + 1 };
  const second = from[at + 1];
  return second === undefined ? undefined : { bytes: second * 4 + first, end: at + 2 };
}

/**
 * The same sound as packets of one slot each, without decoding it; undefined where its frames are longer than a slot,
 * or do not fill one.
 */
export function slotPackets(packet: OpusPacket): Uint8Array[] | undefined {
  const { toc, frameTicks, frames } = packet;
  if (frameTicks > SLOT_TICKS) return undefined;
  const framesPerSlot = SLOT_TICKS / frameTicks;
  if (frames.length % framesPerSlot !== 0) return undefined;
  const packets: Uint8Array[] = [];
  for (let at = 0; at < frames.length; at += framesPerSlot) {
    packets.push(joinFrames(toc, frames.slice(at, at + framesPerSlot)));
  }
  return packets;
}

function joinFrames(toc: number, frames: readonly Uint8Array[]): Uint8Array {
  const [first] = frames;
  if (frames.length === 1 && first !== undefined) return concat([Uint8Array.of(toc & ~3), first]);
  // Code 3 with a length for every frame but the last.
  const lengths = frames.slice(0, -1).map(({ length }) => lengthBytes(length));
  return concat([Uint8Array.of(toc | 3, 0x80 | frames.length), ...lengths, ...frames]);
}

/** A packet that says that a frame of this kind is missing: the player conceals it as it would in a call. */
export function missingPacket(toc: number): Uint8Array {
  return Uint8Array.of(toc & ~3);
}

/**
 * Two mono packets of one slot as one packet with two streams: the first with its length (RFC 6716 appendix B). Left
 * and right stay what their senders encoded, so that a dual-channel recording costs no coding.
 */
export function dualPacket(left: Uint8Array, right: Uint8Array): Uint8Array {
  return concat([selfDelimited(left), right]);
}

function selfDelimited(packet: Uint8Array): Uint8Array {
  const [toc = 0, count = 0] = packet;
  const whole = readOpusPacket(packet);
  const last = whole?.frames.at(-1)?.length ?? 0;
  if ((toc & 3) === 0) return concat([packet.subarray(0, 1), lengthBytes(last), packet.subarray(1)]);
  // Ours are of code 0 or of code 3 with lengths; the extra length follows the others.
  const frames = whole?.frames ?? [];
  const lengths = frames.map(({ length }) => lengthBytes(length));
  return concat([Uint8Array.of(toc, count), ...lengths, ...frames]);
}

function lengthBytes(bytes: number): Uint8Array {
  if (bytes < 252) return Uint8Array.of(bytes);
  const first = 252 + (bytes & 3);
  return Uint8Array.of(first, (bytes - first) >> 2);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * The first bytes of every Ogg Opus stream, and WebM's `CodecPrivate` (RFC 7845 §5.1). Two channels are two streams of
 * their own, not one stereo stream.
 */
export function opusHead(options: { readonly channels: 1 | 2; readonly preSkipTicks: number }): Uint8Array {
  const { channels, preSkipTicks } = options;
  const head = Buffer.alloc(channels === 1 ? 19 : 23);
  head.write('OpusHead', 0, 'latin1');
  head.writeUInt8(1, 8);
  head.writeUInt8(channels, 9);
  head.writeUInt16LE(preSkipTicks, 10);
  head.writeUInt32LE(OPUS_CLOCK_RATE, 12);
  if (channels === 2) {
    // Mapping family 1, two streams, none coupled, left from the first and right from the second.
    head.writeUInt8(1, 18);
    head.set([2, 0, 0, 1], 19);
  }
  return head;
}
