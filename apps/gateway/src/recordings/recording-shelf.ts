import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { OwnedRecordingPlane } from '@parley/recorder';
import type { Logger } from '../log.ts';
import type { RecordingRecord, Recordings } from '../store/recordings.ts';

export interface RecordingShelfOptions {
  readonly directory: string;
  readonly table: Recordings;
  readonly recorder: Pick<OwnedRecordingPlane, 'forget'>;
  /** How long a recording is kept from its beginning; undefined: until somebody deletes it. */
  readonly keepMs: number | undefined;
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** How often it is looked for recordings that have had their time. */
const SWEEP_EVERY_MS = 600_000;
/** So many are deleted before anybody else has a turn. */
const SWEEP_BATCH = 100;

/** The files of recordings that are over: where they lie, and how they are taken away. */
export class RecordingShelf implements Disposable {
  readonly #options: RecordingShelfOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RecordingShelfOptions) {
    this.#options = options;
  }

  /** Begins to take away what has had its time. */
  start(): void {
    if (this.#options.keepMs === undefined) return;
    this.#timer = setInterval(() => void this.sweep(), SWEEP_EVERY_MS);
    this.#timer.unref();
    void this.sweep();
  }

  /** Where the media of a recording lie; undefined where there are none. */
  fileOf({ fileName }: RecordingRecord): string | undefined {
    if (fileName === null) return undefined;
    // A name in the store is one, whoever wrote it; it leads nowhere else.
    const file = join(this.#options.directory, basename(fileName));
    return existsSync(file) ? file : undefined;
  }

  /** Deletes the media, and then the row: what cannot be deleted is still known of. */
  async remove(recording: RecordingRecord): Promise<void> {
    const { directory, table, recorder } = this.#options;
    const { sid, accountSid, fileName } = recording;
    if (fileName !== null) await rm(join(directory, basename(fileName)), { force: true });
    recorder.forget(sid);
    table.remove(accountSid, sid);
  }

  /** Deletes everything that has been kept for as long as it may. Never rejects. */
  async sweep(): Promise<void> {
    const { table, keepMs, nowMs, log } = this.#options;
    if (keepMs === undefined) return;
    try {
      for (;;) {
        const expired = table.olderThan(nowMs() - keepMs, SWEEP_BATCH);
        for (const recording of expired) {
          await this.remove(recording);
          log.info({ recordingSid: recording.sid }, 'a recording has had its time and was deleted');
        }
        if (expired.length < SWEEP_BATCH) return;
      }
    } catch (err) {
      log.error({ err }, 'recordings that have had their time could not be deleted');
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
