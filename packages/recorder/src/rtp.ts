/** One packet as it came from the SFU (RFC 3550 §5.1). */
export interface RtpPacket {
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly isMarked: boolean;
  readonly payload: Uint8Array;
  /** How loud, in dBov from -127 to 0, where the sender says so (RFC 6464). */
  readonly levelDb: number | undefined;
}

const HEADER_BYTES = 12;
const ONE_BYTE_EXTENSIONS = 0xbede;

/** Reads a packet, or returns undefined where it is none: too short, RTCP, or something else altogether. */
export function readRtp(bytes: Buffer, audioLevelId: number | undefined): RtpPacket | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt8(0) >> 6 !== 2) return undefined;
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  // RTCP on the same port (RFC 5761 §4).
  if (second >= 192 && second <= 223) return undefined;
  let at = HEADER_BYTES + (first & 0x0f) * 4;
  let levelDb: number | undefined;
  if ((first & 0x10) !== 0) {
    if (at + 4 > bytes.length) return undefined;
    const profile = bytes.readUInt16BE(at);
    const end = at + 4 + bytes.readUInt16BE(at + 2) * 4;
    if (end > bytes.length) return undefined;
    if (audioLevelId !== undefined) levelDb = readLevel(bytes.subarray(at + 4, end), profile, audioLevelId);
    at = end;
  }
  let end = bytes.length;
  if ((first & 0x20) !== 0) end -= bytes.readUInt8(bytes.length - 1);
  if (end < at) return undefined;
  return {
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    isMarked: (second & 0x80) !== 0,
    payload: bytes.subarray(at, end),
    levelDb,
  };
}

/** The SSRC of a packet that is not read yet. */
export function ssrcOf(bytes: Buffer): number | undefined {
  return bytes.length < HEADER_BYTES ? undefined : bytes.readUInt32BE(8);
}

/** Looks through header extensions of either form (RFC 8285 §4.2, §4.3). */
function readLevel(extensions: Buffer, profile: number, wanted: number): number | undefined {
  const isOneByte = profile === ONE_BYTE_EXTENSIONS;
  if (!isOneByte && profile >> 4 !== 0x100) return undefined;
  for (let at = 0; at < extensions.length;) {
    const head = extensions.readUInt8(at);
    if (head === 0) {
      at += 1;
      continue;
    }
    const id = isOneByte ? head >> 4 : head;
    if (isOneByte && id === 15) return undefined;
    const dataAt = isOneByte ? at + 1 : at + 2;
    if (dataAt >= extensions.length) return undefined;
    const bytes = isOneByte ? (head & 0x0f) + 1 : extensions.readUInt8(at + 1);
    if (id === wanted && bytes >= 1) return -(extensions.readUInt8(dataAt) & 0x7f);
    at = dataAt + bytes;
  }
  return undefined;
}

/** Counts on where the wire's number begins again. Numbers may come out of order, but not half a round apart. */
export class Unwrapper {
  readonly #bits: 16 | 32;
  #last: number | undefined;

  constructor(bits: 16 | 32) {
    this.#bits = bits;
  }

  unwrap(wrapped: number): number {
    const round = 2 ** this.#bits;
    if (this.#last === undefined) {
      this.#last = wrapped;
      return wrapped;
    }
    let step = (((wrapped - this.#last) % round) + round) % round;
    if (step >= round / 2) step -= round;
    const unwrapped = this.#last + step;
    this.#last = Math.max(this.#last, unwrapped);
    return unwrapped;
  }

  /** What this number stands for, without counting on: for what is said about packets. */
  near(wrapped: number): number {
    const round = 2 ** this.#bits;
    if (this.#last === undefined) return wrapped;
    let step = (((wrapped - this.#last) % round) + round) % round;
    if (step >= round / 2) step -= round;
    return this.#last + step;
  }
}
