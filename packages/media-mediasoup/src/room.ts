import type { types } from 'mediasoup';
import { Budget } from './budget.ts';
import type { MediaWorker, Tenant } from './media-worker.ts';
import type { Settings } from './options.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Where a room's media is: a router of its own in one worker. */
export interface Seat {
  readonly worker: MediaWorker;
  readonly router: types.Router;
}

/**
 * The parties that may ever hear one another. They share a router, so that nothing is piped between workers; the
 * room begins with its first party and is freed with its last. When its worker dies it takes another seat.
 */
export class Room implements Tenant {
  readonly name: string;
  readonly #pool: WorkerPool;
  readonly #members = new Set<Tenant>();
  readonly #moves: Budget;
  #seat: Promise<Seat> | undefined;
  #taken: Seat | undefined;
  #closed = false;

  constructor(name: string, pool: WorkerPool, settings: Settings) {
    this.name = name;
    this.#pool = pool;
    this.#moves = new Budget({ max: settings.restartsMax + 1, windowMs: settings.restartWindowMs });
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Takes a party in. It hears of the death of the worker until it leaves. */
  enter(member: Tenant): void {
    this.#members.add(member);
    if (this.#taken !== undefined) this.#taken.worker.load += 1;
  }

  leave(member: Tenant): void {
    if (!this.#members.delete(member)) return;
    if (this.#taken !== undefined) this.#taken.worker.load -= 1;
    if (this.isEmpty) this.#close();
  }

  /** Where the room is, or will be in a moment. Another seat is returned after the worker of this one died. */
  seat(): Promise<Seat> {
    if (this.#seat === undefined) {
      const seat = this.#takeSeat();
      this.#seat = seat;
      // A party that asks later tries again.
      seat.catch(() => {
        if (this.#seat === seat) this.#seat = undefined;
      });
    }
    return this.#seat;
  }

  workerDied(): void {
    this.#seat = undefined;
    this.#taken = undefined;
    // A copy, because a member that gives up leaves while we iterate.
    for (const member of Array.from(this.#members)) member.workerDied();
  }

  async #takeSeat(): Promise<Seat> {
    for (;;) {
      // A call that kills every worker it is given to must not be handed to the next one for ever.
      if (!this.#moves.spend(Date.now()))
        throw new Error('the SFU workers of this call died too often in a row');
      const expected = this.#members.size;
      const worker = await this.#pool.acquire(expected);
      let router: types.Router;
      try {
        router = await worker.takeRouter();
      } catch (error) {
        worker.load -= expected;
        if (worker.isAlive) throw error;
        continue;
      }
      // Some may have come or gone meanwhile.
      worker.load += this.#members.size - expected;
      if (this.#closed) {
        worker.giveBackRouter(router);
        throw new Error('the call ended while its media was being placed');
      }
      if (!worker.isAlive) continue;
      worker.tenants.add(this);
      this.#taken = { worker, router };
      return this.#taken;
    }
  }

  #close(): void {
    this.#closed = true;
    const seat = this.#taken;
    if (seat === undefined) return;
    this.#taken = undefined;
    seat.worker.tenants.delete(this);
    seat.worker.giveBackRouter(seat.router);
  }
}
