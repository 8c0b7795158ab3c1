import type { CircuitBreaker } from './circuit-breaker.ts';
import type { DeliveryClock } from './delivery-clock.ts';

/** What became of an attempt to deliver the next event of a stream. */
export type Delivery =
  /** The next event of the stream may go. `isAlive` says whether the server answered at all. */
  | { readonly type: 'next'; readonly isAlive: boolean }
  /** The same event goes again after a while. */
  | { readonly type: 'again'; readonly afterMs: number; readonly isAlive: boolean }
  /** Nothing waits in this stream, or it goes on in another lane. Nobody was asked. */
  | { readonly type: 'empty' }
  /** The attempt was broken off by ourselves. */
  | { readonly type: 'stopped' };

/** What a lane needs from the outbox. */
export interface LaneOptions {
  readonly clock: DeliveryClock;
  readonly breaker: CircuitBreaker;
  /** How many attempts may be out at once. */
  readonly inFlightMax: number;
  /** How many streams are remembered; the others are found in the table when there is room. */
  readonly streamsMax: number;
  /** Takes the next event of a stream to the server. */
  readonly deliver: (stream: string) => Promise<Delivery>;
  /** Whether the outbox as a whole has room for one more attempt; the lane is pumped again when it has. */
  readonly hasRoom: () => boolean;
  /** The streams of the events in the table above an id, oldest first; a stream may come twice. */
  readonly moreStreams: (aboveId: number, limit: number) => readonly { stream: string; id: number }[];
  readonly onIdle: () => void;
}

/**
 * What goes to one origin. A stream has at most one attempt out, which keeps its events in order; the streams of a
 * slow or dead server wait here and nowhere else.
 */
export class DeliveryLane {
  readonly #options: LaneOptions;
  /** Every stream of this lane that is in memory, wherever it stands. */
  readonly #known = new Set<string>();
  /** Those that got an event since their last attempt began, which may have looked before it was there. */
  readonly #touched = new Set<string>();
  readonly #ready: string[] = [];
  readonly #waiting = new Map<string, () => void>();
  #inFlight = 0;
  #isStopped = false;
  #forgetWakeUp: (() => void) | undefined;
  /** Present when the table holds streams that are not in memory: those with an event above this id. */
  #tableFrom: number | undefined;
  #newestId = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get isBreakerOpen(): boolean {
    return this.#options.breaker.isOpen;
  }

  /** An event of this stream was written. */
  admit(stream: string, id: number): void {
    if (this.#known.has(stream)) {
      this.#touched.add(stream);
      return;
    }
    if (this.#tableFrom !== undefined) return;
    if (this.#known.size >= this.#options.streamsMax) {
      this.#tableFrom = this.#newestId;
      return;
    }
    this.#newestId = id;
    this.#known.add(stream);
    this.#ready.push(stream);
    this.pump();
  }

  /** Looks for streams in the table, from the beginning. */
  resume(): void {
    this.#tableFrom = 0;
    this.pump();
  }

  /** Sends what may go now. */
  pump(): void {
    const { breaker, clock, inFlightMax, hasRoom } = this.#options;
    for (;;) {
      if (this.#isStopped || this.#inFlight >= inFlightMax) return;
      this.#refill();
      if (this.#ready.length === 0) break;
      const waitMs = breaker.waitMs(clock.nowMs());
      if (waitMs > 0) return this.#wakeUpIn(waitMs);
      if (!hasRoom()) return;
      const stream = this.#ready.shift();
      if (stream !== undefined) void this.#attempt(stream);
    }
    if (this.#known.size === 0) this.#options.onIdle();
  }

  /** Sends nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#forgetWakeUp?.();
    for (const forget of this.#waiting.values()) forget();
  }

  async #attempt(stream: string): Promise<void> {
    const { breaker, clock, deliver } = this.#options;
    this.#touched.delete(stream);
    this.#inFlight += 1;
    breaker.began();
    const delivery = await deliver(stream);
    this.#inFlight -= 1;
    switch (delivery.type) {
      case 'empty':
        breaker.abandoned(clock.nowMs());
        if (this.#touched.has(stream)) this.#ready.push(stream);
        else this.#known.delete(stream);
        break;
      case 'stopped':
        return;
      case 'next':
      case 'again':
        if (delivery.isAlive) breaker.succeeded();
        else breaker.failed(clock.nowMs());
        if (delivery.type === 'next') this.#ready.push(stream);
        else this.#wait(stream, delivery.afterMs);
    }
    this.pump();
  }

  #wait(stream: string, afterMs: number): void {
    const forget = this.#options.clock.schedule(afterMs, () => {
      this.#waiting.delete(stream);
      this.#ready.push(stream);
      this.pump();
    });
    this.#waiting.set(stream, forget);
  }

  #wakeUpIn(waitMs: number): void {
    // While a probe is out there is nothing to wait for but its end.
    if (!Number.isFinite(waitMs) || this.#forgetWakeUp !== undefined) return;
    this.#forgetWakeUp = this.#options.clock.schedule(waitMs, () => {
      this.#forgetWakeUp = undefined;
      this.pump();
    });
  }

  #refill(): void {
    const { moreStreams, streamsMax } = this.#options;
    while (this.#tableFrom !== undefined && this.#known.size <= streamsMax / 2) {
      const limit = Math.max(1, Math.floor(streamsMax / 2));
      const found = moreStreams(this.#tableFrom, limit);
      for (const { stream, id } of found) {
        this.#tableFrom = id;
        this.#newestId = id;
        if (this.#known.has(stream)) continue;
        this.#known.add(stream);
        this.#ready.push(stream);
      }
      if (found.length < limit) this.#tableFrom = undefined;
    }
  }
}
