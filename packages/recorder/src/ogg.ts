import { opusHead, SLOT_TICKS } from './opus-packet.ts';

/** Who wrote the file, as players may show it. */
const VENDOR = 'Parley';
const PAGE_HEADER_BYTES = 27;
const SEGMENTS_MAX = 255;
const BEGINNING = 0x02;
const END = 0x04;

/** Ogg's checksum: polynomial 0x04c11db7, not reflected, begun with zero (RFC 3533 §6). */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = (value << 1) ^ (value < 0 ? 0x04c1_1db7 : 0);
  return value >>> 0;
});

function crcOf(page: Uint8Array): number {
  let crc = 0;
  for (const byte of page) crc = ((crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return crc;
}

export interface OggPage {
  readonly packets: readonly Uint8Array[];
  /** How much has been played when this page is over, in ticks of 48 kHz, pre-skip included. */
  readonly granule: number;
  readonly sequence: number;
  readonly serial: number;
  readonly isFirst?: boolean;
  readonly isLast?: boolean;
}

/** How many of these packets one page holds. */
export function segmentsOf(packet: Uint8Array): number {
  return Math.floor(packet.length / 255) + 1;
}

/** One page of whole packets (RFC 3533 §6). More segments than a page has are a bug of the caller. */
export function oggPage(page: OggPage): Uint8Array<ArrayBuffer> {
  const segments: number[] = [];
  let bytes = 0;
  for (const packet of page.packets) {
    for (let left = packet.length; ; left -= 255) {
      segments.push(Math.min(left, 255));
      if (left < 255) break;
    }
    bytes += packet.length;
  }
  if (segments.length > SEGMENTS_MAX) throw new RangeError(`${segments.length} segments in one page`);
  const whole = Buffer.alloc(PAGE_HEADER_BYTES + segments.length + bytes);
  whole.write('OggS', 0, 'latin1');
  whole.writeUInt8((page.isFirst === true ? BEGINNING : 0) | (page.isLast === true ? END : 0), 5);
  whole.writeBigUInt64LE(BigInt(page.granule), 6);
  whole.writeUInt32LE(page.serial, 14);
  whole.writeUInt32LE(page.sequence, 18);
  whole.writeUInt8(segments.length, 26);
  whole.set(segments, PAGE_HEADER_BYTES);
  let at = PAGE_HEADER_BYTES + segments.length;
  for (const packet of page.packets) {
    whole.set(packet, at);
    at += packet.length;
  }
  whole.writeUInt32LE(crcOf(whole), 22);
  return whole;
}

/** The two pages every Ogg Opus file begins with (RFC 7845 §3). */
export function opusHeaderPages(options: {
  readonly channels: 1 | 2;
  readonly preSkipTicks: number;
  readonly serial: number;
}): Uint8Array {
  const { serial } = options;
  const vendor = Buffer.from(VENDOR, 'utf8');
  const tags = Buffer.alloc(16 + vendor.length);
  tags.write('OpusTags', 0, 'latin1');
  tags.writeUInt32LE(vendor.length, 8);
  vendor.copy(tags, 12);
  return Buffer.concat([
    oggPage({ packets: [opusHead(options)], granule: 0, sequence: 0, serial, isFirst: true }),
    oggPage({ packets: [tags], granule: 0, sequence: 1, serial }),
  ]);
}

/** Where a whole page was found in a file. */
export interface FoundPage {
  readonly start: number;
  readonly end: number;
  readonly granule: number;
  readonly sequence: number;
  readonly serial: number;
}

/** The pages of a file that are whole and in order, from its beginning; what comes after the first that is not is left. */
export function* wholePages(file: Uint8Array): Generator<FoundPage> {
  const view = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let start = 0;
  let serial: number | undefined;
  for (let sequence = 0; start + PAGE_HEADER_BYTES <= view.length; sequence += 1) {
    if (view.toString('latin1', start, start + 4) !== 'OggS') return;
    const body = start + PAGE_HEADER_BYTES + view.readUInt8(start + 26);
    if (body > view.length) return;
    let end = body;
    for (let at = start + PAGE_HEADER_BYTES; at < body; at += 1) end += view.readUInt8(at);
    if (end > view.length) return;
    const page = Buffer.from(view.subarray(start, end));
    page.writeUInt32LE(0, 22);
    serial ??= view.readUInt32LE(start + 14);
    const found = {
      start,
      end,
      granule: Number(view.readBigUInt64LE(start + 6)),
      sequence: view.readUInt32LE(start + 18),
      serial: view.readUInt32LE(start + 14),
    };
    if (crcOf(page) !== view.readUInt32LE(start + 22)) return;
    if (found.sequence !== sequence || found.serial !== serial) return;
    yield found;
    start = end;
  }
}

/** The same page, saying that it is the last. */
export function markLast(page: Uint8Array): Uint8Array {
  const marked = Buffer.from(page);
  marked.writeUInt8(marked.readUInt8(5) | END, 5);
  marked.writeUInt32LE(0, 22);
  marked.writeUInt32LE(crcOf(marked), 22);
  return marked;
}

/** How long so many slots last, as Ogg counts. */
export function granuleOf(slots: number, preSkipTicks: number): number {
  return slots * SLOT_TICKS + preSkipTicks;
}
