import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

export interface DiskGuardOptions {
  readonly directory: string;
  /** All recordings together. */
  readonly bytesMax: number;
  /** What others may count on: recordings stop before there is less. */
  readonly freeBytesMin: number;
}

/** Knows how much room recordings take, and whether there is any left. */
export class DiskGuard {
  readonly #options: DiskGuardOptions;
  readonly #kept = new Map<string, number>();
  #growing: ReadonlyMap<string, number> = new Map();

  constructor(options: DiskGuardOptions) {
    this.#options = options;
  }

  /** What is there already. */
  async look(): Promise<void> {
    const { directory } = this.#options;
    for (const name of await readdir(directory)) {
      const found = await stat(join(directory, name)).catch(() => undefined);
      if (found?.isFile() === true) this.#kept.set(name, found.size);
    }
  }

  get bytes(): number {
    return sum(this.#kept.values()) + sum(this.#growing.values());
  }

  keep(name: string, bytes: number): void {
    this.#kept.set(name, bytes);
  }

  forget(name: string): void {
    this.#kept.delete(name);
  }

  /** What is being written, by recording. */
  growing(bytes: ReadonlyMap<string, number>): void {
    this.#growing = bytes;
  }

  /** Why there is no room, in a sentence; undefined where there is. */
  async complaint(): Promise<string | undefined> {
    const { directory, bytesMax, freeBytesMin } = this.#options;
    if (this.bytes >= bytesMax) return `recordings take ${this.bytes} bytes, and may take ${bytesMax}`;
    const { bavail, bsize } = await statfs(directory);
    const free = bavail * bsize;
    if (free < freeBytesMin)
      return `${free} bytes are free where recordings are, and ${freeBytesMin} shall be`;
    return undefined;
  }
}

function sum(of: Iterable<number>): number {
  let total = 0;
  for (const each of of) total += each;
  return total;
}
