import type { types } from 'mediasoup';
import { startProcess } from './media-worker.ts';
import type { Settings } from './options.ts';

/**
 * One SFU process in reserve. Starting one takes longer than anything else that has to be done when a worker dies, and
 * most of all on a machine that is busy; people who talk should not wait for it.
 *
 * ```
 * empty ──after a while──▶ starting ──▶ ready ──taken──▶ empty …
 *   ▲                         │           │
 *   └────────── failed ───────┴── died ───┘
 * ```
 *
 * It is filled a while later and not at once, because what the machine has just then belongs to the calls that move.
 */
export class Reserve {
  readonly #settings: Settings;
  #timer: NodeJS.Timeout | undefined;
  #process: types.Worker | undefined;
  #starting: Promise<void> | undefined;
  #isClosed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get #ready(): types.Worker | undefined {
    return this.#process?.closed === false ? this.#process : undefined;
  }

  /** Has one ready after a while. */
  fillLater(afterMs = this.#settings.reserveAfterMs): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fill(), afterMs).unref();
  }

  /** The process that is ready, which is the caller's from now on; the next is on its way. */
  take(): types.Worker | undefined {
    const process = this.#ready;
    this.#process = undefined;
    this.fillLater();
    return process;
  }

  #fill(): void {
    // Taken twice while one is being started, it still needs only that one.
    if (this.#ready !== undefined || this.#starting !== undefined) return;
    this.#starting = this.#start().finally(() => {
      this.#starting = undefined;
    });
  }

  async #start(): Promise<void> {
    const { workerBin, restartWindowMs, log } = this.#settings;
    try {
      const process = await startProcess(workerBin);
      if (this.#isClosed) {
        process.close();
        return;
      }
      this.#process = process;
      // Once it is taken, whoever has it looks after it.
      process.once('died', () => {
        if (this.#process !== process) return;
        this.#process = undefined;
        this.fillLater(restartWindowMs);
      });
    } catch (error) {
      if (this.#isClosed) return;
      // Calls do not need it. Why it is so will be as true in a while, so it is not tried at once.
      log('warn', 'no SFU worker could be started in reserve', { why: String(error) });
      this.fillLater(restartWindowMs);
    }
  }

  /** Ends what is in reserve; resolves when one that was just being started is gone as well. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#process?.close();
    this.#process = undefined;
    await this.#starting;
  }
}
