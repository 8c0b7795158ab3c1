import { randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import {
  granuleOf,
  markLast,
  oggPage,
  opusHeaderPages,
  segmentsOf,
  wholePages,
  type FoundPage,
} from './ogg.ts';
import { SLOT_MS, SLOT_TICKS } from './opus-packet.ts';
import { discard, isDiskFull, PartFile, PART, publish } from './part-file.ts';

/** Half a second: what a crash costs at most, beside what is waited for. */
const PAGE_SLOTS = 25;
const SEGMENTS_MAX = 255;

export interface FinishedFile {
  readonly file: string | null;
  readonly durationMs: number;
  readonly bytes: number;
}

export interface OggFileOptions {
  /** Its name when it is whole; until then `.part` is added. */
  readonly path: string;
  readonly channels: 1 | 2;
  readonly bytesMax: number;
}

interface WrittenPage {
  readonly offset: number;
  readonly firstSlot: number;
  readonly sequence: number;
  readonly packets: readonly Uint8Array[];
}

/** An Ogg Opus file that grows page by page. Every packet is one slot. */
export class OggFile {
  readonly #path: string;
  readonly #part: PartFile;
  readonly #serial = randomBytes(4).readUInt32LE();
  #pending: Uint8Array[] = [];
  #segments = 0;
  #written = 0;
  #sequence = 2;
  /** The page in which it may be ended. */
  #page: WrittenPage | undefined;
  #keep = 0;

  constructor({ path, channels, bytesMax }: OggFileOptions) {
    this.#path = path;
    this.#part = new PartFile({ path: path + PART, bytesMax });
    try {
      this.#part.append(opusHeaderPages({ channels, preSkipTicks: 0, serial: this.#serial }));
    } catch (error) {
      this.#part.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.#part.bytes;
  }

  /** How many slots it has. */
  get slots(): number {
    return this.#written + this.#pending.length;
  }

  /** Throws `DiskFull`; what was added before stays. */
  append(packet: Uint8Array): void {
    const segments = segmentsOf(packet);
    // Only when the next is here: the last page says that it is the last.
    if (this.#pending.length >= PAGE_SLOTS || this.#segments + segments > SEGMENTS_MAX) this.#flush(false);
    this.#pending.push(packet);
    this.#segments += segments;
  }

  /** It may be ended here, though more has been added since. */
  keepUpTo(slots: number): void {
    this.#keep = slots;
  }

  /** Ends it after so many slots, and gives it its name. Without any, there is no file. */
  async finish(options: { readonly slots: number }): Promise<FinishedFile> {
    const slots = Math.min(options.slots, this.slots);
    if (slots === 0) {
      await this.abandon();
      return { file: null, durationMs: 0, bytes: 0 };
    }
    try {
      this.#cut(slots);
      this.#flush(true);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      // No room for the last page: the one before it ends the file.
      this.#part.close();
      return await recoverOgg(this.#part.path, this.#path);
    } finally {
      this.#part.close();
    }
    await publish(this.#part.path, this.#path);
    return { file: this.#path, durationMs: this.#written * SLOT_MS, bytes: this.#part.bytes };
  }

  /** Gives it up, and leaves nothing. */
  async abandon(): Promise<void> {
    this.#part.close();
    await discard(this.#part.path);
  }

  #cut(slots: number): void {
    if (slots > this.#written) {
      this.#pending = this.#pending.slice(0, slots - this.#written);
      return;
    }
    const page = this.#page;
    if (page === undefined) return;
    this.#part.truncate(page.offset);
    this.#pending = page.packets.slice(0, slots - page.firstSlot);
    this.#written = page.firstSlot;
    this.#sequence = page.sequence;
  }

  #flush(isLast: boolean): void {
    if (this.#pending.length === 0) return;
    const packets = this.#pending;
    const granule = granuleOf(this.#written + packets.length, 0);
    const offset = this.#part.bytes;
    const sequence = this.#sequence;
    this.#part.append(oggPage({ packets, granule, sequence, serial: this.#serial, isLast }));
    const page = { offset, firstSlot: this.#written, sequence, packets };
    if (this.#page === undefined || this.#keep > page.firstSlot) this.#page = page;
    this.#written += packets.length;
    this.#sequence += 1;
    this.#pending = [];
    this.#segments = 0;
  }
}

/** Ends an Ogg file after its last whole page and gives it its name: what is left to do after a crash. */
export async function recoverOgg(part: string, path: string): Promise<FinishedFile> {
  const file = await readFile(part);
  let last: FoundPage | undefined;
  for (const page of wholePages(file)) last = page;
  // The two pages of the head are no recording.
  if (last === undefined || last.sequence < 2) {
    await discard(part);
    return { file: null, durationMs: 0, bytes: 0 };
  }
  const handle = await open(part, 'r+');
  try {
    await handle.truncate(last.end);
    await handle.write(markLast(file.subarray(last.start, last.end)), 0, last.end - last.start, last.start);
  } finally {
    await handle.close();
  }
  await publish(part, path);
  return { file: path, durationMs: (last.granule / SLOT_TICKS) * SLOT_MS, bytes: last.end };
}
