import type { PauseBehavior } from '@parley/switchboard';
import { Journal, type JournalPicture } from './journal.ts';
import { OggFile, recoverOgg, type FinishedFile } from './ogg-file.ts';
import { discard, MUXED, PART } from './part-file.ts';
import type { Picture } from './picture-stream.ts';

/** What a take is written into. Any of these may throw `DiskFull`; what was written before stays. */
export interface RecordingFile {
  readonly bytes: number;
  /** One slot. */
  sound(packet: Uint8Array): void;
  /** It may be ended after so many slots, though more has been added since. */
  keepUpTo(slots: number): void;
  /** Writes what has been added. */
  flush(): void;
  /** Ends it after so many slots, and gives it its name. */
  finish(options: { readonly slots: number }): Promise<FinishedFile>;
  /** Gives it up, and leaves nothing. */
  abandon(): Promise<void>;

  // What puts pictures in step; a file without pictures takes no notice.
  stream(id: string, party: string, kind: 'audio' | 'video'): void;
  anchor(id: string, anchor: { readonly ticks: number; readonly atMs: number }): void;
  report(id: string, report: { readonly ticks: number; readonly ntpMs: number }): void;
  picture(id: string, picture: Picture): void;
  stretch(slot: number, how: 'record' | PauseBehavior): void;
  lead(slots: number): void;
}

export interface RecordingFileOptions {
  /** Its name when it is whole. */
  readonly path: string;
  readonly channels: 1 | 2;
  readonly bytesMax: number;
}

/** Ogg Opus: written as it will be. */
export class SoundFile implements RecordingFile {
  readonly #ogg: OggFile;

  constructor(options: RecordingFileOptions) {
    this.#ogg = new OggFile(options);
  }

  get bytes(): number {
    return this.#ogg.bytes;
  }

  sound(packet: Uint8Array): void {
    this.#ogg.append(packet);
  }

  keepUpTo(slots: number): void {
    this.#ogg.keepUpTo(slots);
  }

  finish(options: { readonly slots: number }): Promise<FinishedFile> {
    return this.#ogg.finish(options);
  }

  abandon(): Promise<void> {
    return this.#ogg.abandon();
  }

  flush(): void {}
  stream(): void {}
  anchor(): void {}
  report(): void {}
  picture(): void {}
  stretch(): void {}
  lead(): void {}
}

/** WebM: written as a journal, and put together at the end, when it is known how its pictures go with its sound. */
export class PictureFile implements RecordingFile {
  readonly #path: string;
  readonly #journal: Journal;
  readonly #ids = new Map<string, number>();

  constructor({ path, channels, bytesMax }: RecordingFileOptions) {
    this.#path = path;
    this.#journal = new Journal({ path: path + PART, bytesMax });
    this.#journal.note({ type: 'head', channels });
    this.#journal.flush();
  }

  get bytes(): number {
    return this.#journal.bytes;
  }

  sound(packet: Uint8Array): void {
    this.#journal.sound(packet);
  }

  keepUpTo(): void {}

  flush(): void {
    this.#journal.flush();
  }

  async finish({ slots }: { readonly slots: number }): Promise<FinishedFile> {
    this.#journal.close();
    return muxed(this.#journal.path, this.#path, slots);
  }

  async abandon(): Promise<void> {
    this.#journal.close();
    await discard(this.#journal.path);
  }

  stream(id: string, party: string, kind: 'audio' | 'video'): void {
    this.#journal.note({ type: 'stream', id: this.#idOf(id), party, kind });
  }

  anchor(id: string, anchor: { readonly ticks: number; readonly atMs: number }): void {
    this.#journal.note({ type: 'anchor', id: this.#idOf(id), ...anchor });
  }

  report(id: string, report: { readonly ticks: number; readonly ntpMs: number }): void {
    this.#journal.note({ type: 'report', id: this.#idOf(id), ...report });
  }

  picture(id: string, picture: Picture): void {
    const entry: Omit<JournalPicture, 'type'> = { id: this.#idOf(id), ...picture };
    this.#journal.picture(entry);
  }

  stretch(slot: number, how: 'record' | PauseBehavior): void {
    this.#journal.note({ type: 'stretch', slot, how });
  }

  lead(slots: number): void {
    this.#journal.note({ type: 'lead', slots });
  }

  #idOf(id: string): number {
    const known = this.#ids.get(id) ?? this.#ids.size;
    this.#ids.set(id, known);
    return known;
  }
}

/** Makes whole what the end of a process, or a full disk, left behind. */
export async function recoverFile(part: string): Promise<FinishedFile> {
  const path = part.slice(0, -PART.length);
  return path.endsWith('.ogg') ? recoverOgg(part, path) : muxed(part, path, Number.POSITIVE_INFINITY);
}

/** Loaded when it is needed: a gateway that records no pictures never does. */
async function muxed(journal: string, path: string, slotsMax: number): Promise<FinishedFile> {
  const { muxJournal } = await import('./webm-file.ts');
  return muxJournal(journal, path, { slotsMax });
}

/** Whether a file of this name is what a crash left of putting a recording together, which is done again from its journal. */
export function isLeftOver(name: string): boolean {
  return name.endsWith(MUXED);
}
