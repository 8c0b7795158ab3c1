import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is not whole yet is named so. */
export const PART = '.part';
/** The second file that there is while a recording with pictures is put together. */
export const MUXED = '.muxed';

/** The disk has no room for it, or the recording may not have more of it. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}

export interface PartFileOptions {
  readonly path: string;
  readonly bytesMax: number;
}

/**
 * A file that grows under another name. What has been written is whole or not there: a write that fails half-way is
 * taken back. It writes in place, without waiting: what is written survives the end of the process that wrote it.
 */
export class PartFile {
  readonly path: string;
  readonly #bytesMax: number;
  readonly #handle: number;
  #bytes = 0;
  #isClosed = false;

  constructor({ path, bytesMax }: PartFileOptions) {
    this.path = path;
    this.#bytesMax = bytesMax;
    // Never over something that is there already, and for nobody else to read.
    const { O_RDWR, O_CREAT, O_EXCL } = constants;
    this.#handle = openSync(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws {@link DiskFull} where there is no room; the file is as it was then. */
  append(bytes: Uint8Array): void {
    const before = this.#bytes;
    if (before + bytes.length > this.#bytesMax) throw new DiskFull('the recording is as large as it may be');
    try {
      this.#write(bytes, before);
    } catch (error) {
      ftruncateSync(this.#handle, before);
      if (isDiskFull(error)) throw new DiskFull('the disk is full', { cause: error });
      throw error;
    }
    this.#bytes = before + bytes.length;
  }

  truncate(bytes: number): void {
    ftruncateSync(this.#handle, bytes);
    this.#bytes = bytes;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#handle);
  }

  #write(bytes: Uint8Array, at: number): void {
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#handle, bytes, written, bytes.length - written, at + written);
    }
  }
}

export function isDiskFull(error: unknown): boolean {
  return (
    error instanceof DiskFull ||
    (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT'))
  );
}

/** Gives a finished file its name, so that it is whole under it even if the power fails in the next moment. */
export async function publish(part: string, path: string): Promise<void> {
  await synced(part);
  await rename(part, path);
  await synced(dirname(path));
}

/** Without complaint where it is gone already. */
export async function discard(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
}

async function synced(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
