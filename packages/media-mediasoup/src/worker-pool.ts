import type { types } from 'mediasoup';
import { Budget } from './budget.ts';
import type { Census } from './census.ts';
import { MediaWorker } from './media-worker.ts';
import type { Settings } from './options.ts';
import { Reserve } from './reserve.ts';

/**
 * One place for a worker: its port, who sits there now, and how often somebody had to be seated again.
 *
 * ```
 * starting ──▶ up ──died──▶ starting ──▶ up …
 *                 └─ too often within the window ──▶ down ──window over──▶ starting
 * ```
 */
interface Slot {
  readonly port: number;
  readonly budget: Budget;
  worker: MediaWorker | undefined;
  starting: Promise<void> | undefined;
  retry: NodeJS.Timeout | undefined;
}

/** Keeps as many SFU workers running as were asked for, and places rooms on the one with least to do. */
export class WorkerPool {
  readonly #settings: Settings;
  readonly #census: Census;
  readonly #slots: Slot[] = [];
  readonly #reserve: Reserve;
  #restarts = 0;
  #closed = false;

  constructor(settings: Settings, census: Census) {
    this.#settings = settings;
    this.#census = census;
    this.#reserve = new Reserve(settings);
  }

  /** Starts every worker. Rejects with a sentence, and leaves nothing running, if one does not come up. */
  async start(): Promise<void> {
    const { workers, basePort, restartsMax, restartWindowMs } = this.#settings;
    for (let index = 0; index < workers; index += 1) {
      this.#slots.push({
        port: basePort === 0 ? 0 : basePort + index,
        budget: new Budget({ max: restartsMax, windowMs: restartWindowMs }),
        worker: undefined,
        starting: undefined,
        retry: undefined,
      });
    }
    const started = await Promise.allSettled(this.#slots.map((slot) => this.#seat(slot)));
    const failed = started.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      await this.close();
      throw failed.reason;
    }
    this.#reserve.fillLater();
  }

  get alive(): readonly MediaWorker[] {
    return this.#slots.flatMap(({ worker }) => (worker?.isAlive === true ? [worker] : []));
  }

  /** How often a worker has been started again since the beginning. */
  get restarts(): number {
    return this.#restarts;
  }

  /**
   * The worker with least to do, with `load` parties already added to it, so that a burst of rooms spreads. Waits
   * for a worker that is being started when none is up; rejects when none is, or will be soon.
   */
  async acquire(load: number): Promise<MediaWorker> {
    for (;;) {
      if (this.#closed) throw new Error('the media plane is closed');
      const [first, ...others] = this.alive;
      if (first !== undefined) {
        const least = others.reduce((best, worker) => (worker.load < best.load ? worker : best), first);
        least.load += load;
        return least;
      }
      const starting = this.#slots.flatMap((slot) => (slot.starting === undefined ? [] : [slot.starting]));
      if (starting.length === 0) throw new Error('no SFU worker is alive; they died too often in a row');
      // One that comes up is enough; if each fails, what to do next is seen at the head of the loop.
      await Promise.any(starting).catch(() => {});
    }
  }

  /** Ends every worker; resolves when one that was just being started is gone as well. */
  async close(): Promise<void> {
    this.#closed = true;
    const starting = this.#slots.map((slot) => slot.starting);
    for (const slot of this.#slots) {
      clearTimeout(slot.retry);
      slot.worker?.close();
      slot.worker = undefined;
    }
    await Promise.allSettled([...starting, this.#reserve.close()]);
  }

  async #seat(slot: Slot, process?: types.Worker): Promise<void> {
    const worker = await MediaWorker.start(this.#settings, slot.port, this.#census, process);
    if (this.#closed) {
      worker.close();
      return;
    }
    slot.worker = worker;
    worker.onDied(() => this.#died(slot, worker));
  }

  #died(slot: Slot, worker: MediaWorker): void {
    slot.worker = undefined;
    if (this.#closed) return;
    this.#settings.log('warn', 'an SFU worker died; its calls move to another', {
      pid: worker.pid,
      parties: worker.load,
    });
    this.#restart(slot);
    // A copy, because a tenant that gives up leaves while we iterate.
    for (const tenant of Array.from(worker.tenants)) tenant.workerDied();
    worker.tenants.clear();
  }

  #restart(slot: Slot): void {
    if (this.#closed) return;
    if (!slot.budget.spend(Date.now())) {
      this.#settings.log('error', 'an SFU worker dies too often and is left down for a while', {
        port: slot.port,
      });
      slot.retry = setTimeout(() => this.#restart(slot), this.#settings.restartWindowMs).unref();
      return;
    }
    this.#restarts += 1;
    const starting = this.#seat(slot, this.#reserve.take());
    slot.starting = starting;
    starting.then(
      () => {
        slot.starting = undefined;
      },
      (error: unknown) => {
        slot.starting = undefined;
        this.#settings.log('error', 'an SFU worker could not be started again', { why: String(error) });
        this.#restart(slot);
      },
    );
  }
}
