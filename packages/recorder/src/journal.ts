import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { PauseBehavior } from '@parley/switchboard';
import { PartFile, type PartFileOptions } from './part-file.ts';
import type { PictureCodec, PictureSize } from './picture-packet.ts';

/** What happened in a recording beside its packets: everything that is needed to put sound and picture in step. */
export type JournalNote =
  | { readonly type: 'head'; readonly channels: 1 | 2 }
  | { readonly type: 'stream'; readonly id: number; readonly party: string; readonly kind: 'audio' | 'video' }
  /** From here on this timestamp of a sound was heard then. */
  | { readonly type: 'anchor'; readonly id: number; readonly ticks: number; readonly atMs: number }
  /** What a sender says: at this time of its own clock it was at this timestamp. */
  | { readonly type: 'report'; readonly id: number; readonly ticks: number; readonly ntpMs: number }
  | { readonly type: 'stretch'; readonly slot: number; readonly how: 'record' | PauseBehavior }
  /** So many slots at the beginning are not in the file. */
  | { readonly type: 'lead'; readonly slots: number };

export interface JournalPicture {
  readonly type: 'picture';
  readonly id: number;
  readonly codec: PictureCodec;
  readonly ticks: number;
  readonly arrivedAtMs: number;
  readonly keyFrame: PictureSize | undefined;
  readonly data: Uint8Array;
}

export type JournalEntry =
  | { readonly type: 'note'; readonly note: JournalNote }
  | { readonly type: 'sound'; readonly packet: Uint8Array }
  | JournalPicture;

const HEAD_BYTES = 9;
const PICTURE_HEAD_BYTES = 24;
const ENTRY_BYTES_MAX = 8 * 1024 * 1024;
const NOTE = 1;
const SOUND = 2;
const PICTURE = 3;
const CODECS: readonly PictureCodec[] = ['vp8', 'vp9'];

/**
 * What a recording with a picture is written into while it goes on: entries one after the other, each with its length
 * and checksum. A file of any other form would have to know the end at the beginning.
 */
export class Journal {
  readonly #part: PartFile;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(options: PartFileOptions) {
    this.#part = new PartFile(options);
  }

  get path(): string {
    return this.#part.path;
  }

  get bytes(): number {
    return this.#part.bytes + this.#pendingBytes;
  }

  note(note: JournalNote): void {
    this.#add(NOTE, Buffer.from(JSON.stringify(note)));
  }

  sound(packet: Uint8Array): void {
    this.#add(SOUND, packet);
  }

  picture({ id, codec, ticks, arrivedAtMs, keyFrame, data }: Omit<JournalPicture, 'type'>): void {
    const head = Buffer.alloc(PICTURE_HEAD_BYTES);
    head.writeUInt16LE(id, 0);
    head.writeUInt8(CODECS.indexOf(codec), 2);
    head.writeUInt8(keyFrame === undefined ? 0 : 1, 3);
    head.writeUInt16LE(keyFrame?.width ?? 0, 4);
    head.writeUInt16LE(keyFrame?.height ?? 0, 6);
    head.writeDoubleLE(ticks, 8);
    head.writeDoubleLE(arrivedAtMs, 16);
    this.#add(PICTURE, Buffer.concat([head, data]));
  }

  /** Writes what has been added. Throws `DiskFull`; what was written before stays. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#part.append(bytes);
  }

  close(): void {
    this.#part.close();
  }

  #add(type: number, body: Uint8Array): void {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt8(type, 0);
    head.writeUInt32LE(body.length, 1);
    head.writeUInt32LE(crc32(body), 5);
    this.#pending.push(head, body);
    this.#pendingBytes += HEAD_BYTES + body.length;
  }
}

/** Reads a journal to its end, or to the first entry that is not whole: it was being written when its writer died. */
export async function* readJournal(path: string): AsyncGenerator<JournalEntry> {
  let left = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    if (!Buffer.isBuffer(chunk)) return;
    left = Buffer.concat([left, chunk]);
    let at = 0;
    while (left.length - at >= HEAD_BYTES) {
      const bytes = left.readUInt32LE(at + 1);
      if (bytes > ENTRY_BYTES_MAX) return;
      const end = at + HEAD_BYTES + bytes;
      if (end > left.length) break;
      const body = left.subarray(at + HEAD_BYTES, end);
      if (crc32(body) !== left.readUInt32LE(at + 5)) return;
      const entry = readEntry(left.readUInt8(at), body);
      if (entry === undefined) return;
      yield entry;
      at = end;
    }
    left = left.subarray(at);
  }
}

function readEntry(type: number, body: Buffer): JournalEntry | undefined {
  switch (type) {
    case NOTE: {
      // Our own words, and the checksum says that they are whole.
      return { type: 'note', note: JSON.parse(body.toString('utf8')) as JournalNote };
    }
    case SOUND:
      return { type: 'sound', packet: body };
    case PICTURE: {
      const codec = CODECS[body.readUInt8(2)];
      if (body.length < PICTURE_HEAD_BYTES || codec === undefined) return undefined;
      const isKeyFrame = body.readUInt8(3) === 1;
      return {
        type: 'picture',
        id: body.readUInt16LE(0),
        codec,
        ticks: body.readDoubleLE(8),
        arrivedAtMs: body.readDoubleLE(16),
        keyFrame: isKeyFrame ? { width: body.readUInt16LE(4), height: body.readUInt16LE(6) } : undefined,
        data: body.subarray(PICTURE_HEAD_BYTES),
      };
    }
    default:
      return undefined;
  }
}
