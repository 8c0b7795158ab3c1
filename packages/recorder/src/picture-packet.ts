/** Pictures that are written as they are sent. */
export type PictureCodec = 'vp8' | 'vp9';

/** What a packet says about the picture it is a part of. */
export interface PicturePart {
  readonly isFirst: boolean;
  /** Where the codec says so; otherwise the RTP marker does. */
  readonly isLast: boolean;
  readonly data: Uint8Array;
}

export function pictureCodec(mimeType: string): PictureCodec | undefined {
  switch (mimeType.toLowerCase()) {
    case 'video/vp8':
      return 'vp8';
    case 'video/vp9':
      return 'vp9';
    default:
      return undefined;
  }
}

/** Takes the payload descriptor off; undefined where it makes no sense. */
export function readPicturePart(codec: PictureCodec, payload: Uint8Array): PicturePart | undefined {
  return codec === 'vp8' ? readVp8(payload) : readVp9(payload);
}

/** RFC 7741 §4.2. */
function readVp8(payload: Uint8Array): PicturePart | undefined {
  const [first] = payload;
  if (first === undefined) return undefined;
  let at = 1;
  if ((first & 0x80) !== 0) {
    const extension = payload[at] ?? 0;
    at += 1;
    if ((extension & 0x80) !== 0) at += ((payload[at] ?? 0) & 0x80) === 0 ? 1 : 2;
    if ((extension & 0x40) !== 0) at += 1;
    if ((extension & 0x30) !== 0) at += 1;
  }
  if (at >= payload.length) return undefined;
  // The first partition's first packet begins the frame.
  const isFirst = (first & 0x10) !== 0 && (first & 0x07) === 0;
  return { isFirst, isLast: false, data: payload.subarray(at) };
}

/** RFC 9628 §4.2, of one spatial layer. */
function readVp9(payload: Uint8Array): PicturePart | undefined {
  const [first] = payload;
  if (first === undefined) return undefined;
  const has = (bit: number): boolean => (first & bit) !== 0;
  let at = 1;
  if (has(0x80)) at += ((payload[at] ?? 0) & 0x80) === 0 ? 1 : 2;
  if (has(0x20)) at += has(0x10) ? 1 : 2;
  // Up to three references in flexible mode, each saying whether another follows.
  if (has(0x10) && has(0x40)) {
    for (let reference = 0; reference < 3; reference += 1) {
      const isMore = ((payload[at] ?? 0) & 1) !== 0;
      at += 1;
      if (!isMore) break;
    }
  }
  if (has(0x02)) at = endOfScalability(payload, at);
  if (at >= payload.length) return undefined;
  return { isFirst: has(0x08), isLast: has(0x04), data: payload.subarray(at) };
}

function endOfScalability(payload: Uint8Array, from: number): number {
  const structure = payload[from] ?? 0;
  let at = from + 1;
  if ((structure & 0x10) !== 0) at += ((structure >> 5) + 1) * 4;
  if ((structure & 0x08) === 0) return at;
  const pictures = payload[at] ?? 0;
  at += 1;
  for (let picture = 0; picture < pictures; picture += 1) at += 1 + (((payload[at] ?? 0) >> 2) & 0x03);
  return at;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The size of a picture that stands alone; undefined for one that needs those before it. */
export function keyFrameSize(codec: PictureCodec, frame: Uint8Array): PictureSize | undefined {
  return codec === 'vp8' ? vp8KeyFrame(frame) : vp9KeyFrame(frame);
}

/** RFC 6386 §9.1. */
function vp8KeyFrame(frame: Uint8Array): PictureSize | undefined {
  const [first, , , a, b, c, ...rest] = frame.subarray(0, 10);
  const [w0, w1, h0, h1] = rest;
  if (first === undefined || (first & 1) !== 0) return undefined;
  if (a !== 0x9d || b !== 0x01 || c !== 0x2a) return undefined;
  if (w0 === undefined || w1 === undefined || h0 === undefined || h1 === undefined) return undefined;
  return { width: w0 | ((w1 & 0x3f) << 8), height: h0 | ((h1 & 0x3f) << 8) };
}

/** VP9 bitstream specification §6.2, profile 0. */
function vp9KeyFrame(frame: Uint8Array): PictureSize | undefined {
  const bits = new BitReader(frame);
  if (bits.read(2) !== 2) return undefined;
  const profile = bits.read(1) | (bits.read(1) << 1);
  if (profile !== 0 || bits.read(1) === 1) return undefined;
  const isInter = bits.read(1) === 1;
  bits.read(2);
  if (isInter || bits.read(24) !== 0x49_83_42) return undefined;
  const colorSpace = bits.read(3);
  if (colorSpace !== 7) bits.read(1);
  const width = bits.read(16) + 1;
  const height = bits.read(16) + 1;
  return { width, height };
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(bits: number): number {
    let value = 0;
    for (let index = 0; index < bits; index += 1) {
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value = (value << 1) | ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }
}
