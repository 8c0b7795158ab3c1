import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../log.ts';

/** Rows that are forgotten when they have had their time. */
export interface Forgetful {
  /**
   * Deletes what was over before this time among the oldest `limit` rows, and answers how many that were. It looks at no
   * others, so that it costs the same in a store of millions.
   */
  forgetBefore(beforeMs: number, limit: number): number;
}

export interface HistoryOptions {
  readonly tables: Readonly<Record<string, Forgetful>>;
  /** How long what is over is kept; undefined: for ever. */
  readonly keepMs: number | undefined;
  readonly nowMs: () => number;
  readonly log: Logger;
}

const SWEEP_EVERY_MS = 600_000;
/** So many rows are deleted before calls have their turn: a millisecond or two. */
const BATCH_ROWS = 500;

/** Forgets what has been over for long enough, a little at a time. */
export class History implements Disposable {
  readonly #options: HistoryOptions;
  #timer: NodeJS.Timeout | undefined;
  #isSweeping = false;
  #isClosed = false;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#options.keepMs === undefined) return;
    this.#timer = setInterval(() => void this.sweep(), SWEEP_EVERY_MS);
    this.#timer.unref();
    void this.sweep();
  }

  /** Forgets everything that has had its time. Never rejects. */
  async sweep(): Promise<void> {
    const { tables, keepMs, nowMs, log } = this.#options;
    if (keepMs === undefined || this.#isSweeping) return;
    this.#isSweeping = true;
    try {
      for (const [name, table] of Object.entries(tables)) {
        const rows = await this.#forget(table, nowMs() - keepMs);
        if (rows > 0) log.info({ table: name, rows }, 'rows have had their time and were deleted');
      }
    } catch (err) {
      log.error({ err }, 'rows that have had their time could not be deleted');
    } finally {
      this.#isSweeping = false;
    }
  }

  async #forget(table: Forgetful, beforeMs: number): Promise<number> {
    let rows = 0;
    while (!this.#isClosed) {
      const forgotten = table.forgetBefore(beforeMs, BATCH_ROWS);
      rows += forgotten;
      if (forgotten < BATCH_ROWS) break;
      await nextTurn();
    }
    return rows;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }
}
