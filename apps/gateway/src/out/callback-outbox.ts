import { randomUUID } from 'node:crypto';
import { notifications, type HttpMethod } from '@parley/rcml';
import type { OutboxRecord } from '../store/outbox-table.ts';
import type { Store } from '../store/store.ts';
import { backOffMs, type BackOff } from './back-off.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { systemDeliveryClock, type DeliveryClock } from './delivery-clock.ts';
import { DeliveryLane, type Delivery } from './delivery-lane.ts';
import type { FormParams } from './form-params.ts';
import { FreshEvents } from './fresh-events.ts';
import type { WebhookAccount } from './webhook-account.ts';
import type { WebhookClient, WebhookRequest } from './webhook-client.ts';
import type { WebhookFault } from './webhook-fault.ts';

/** One thing to be told to an application. */
export interface CallbackEvent {
  readonly accountSid: string;
  /** What the event is about: the sid of the leg, or of the recording. Events of one stream arrive in order. */
  readonly stream: string;
  /** Counts the events of the stream from 0, without gaps. */
  readonly sequence: number;
  /** Absolute. */
  readonly url: string;
  readonly method: HttpMethod;
  /** Everything that is sent, `SequenceNumber` and `Timestamp` included. */
  readonly params: FormParams;
  /** Under which trace it is sent. */
  readonly traceparent?: string;
}

/** What waits, and what became of the rest since the process began. */
export interface OutboxCounts {
  readonly pending: number;
  readonly inFlight: number;
  readonly delivered: number;
  readonly failedAttempts: number;
  readonly dead: number;
  /** Events that could not be written down: the store had failed. */
  readonly lost: number;
  /** Servers that are not asked for now because they do not answer. */
  readonly openBreakers: number;
}

/** Callbacks that leave whatever happens: written down first, then delivered until somebody has taken them. */
export interface CallbackOutbox {
  /**
   * Writes the event into the transaction of this turn of the event loop, together with whatever else is written in
   * it, and returns at once. Nothing is sent before that is committed. An event of the same stream and sequence exists
   * once: a second one is dropped. Never throws: an event that cannot be kept is reported.
   */
  enqueue(event: CallbackEvent): void;
  /** Takes dead events up again, all of them or those of one stream; answers how many. */
  replay(options?: { readonly stream?: string }): number;
  readonly counts: OutboxCounts;
  /** Ends running attempts; what was not taken stays in the table for the next start. */
  close(): Promise<void>;
}

/** How deliveries are paced. */
export interface OutboxPace {
  readonly attemptsMax: number;
  /** An event older than this is given up. */
  readonly ageMaxMs: number;
  readonly inFlightMax: number;
  readonly inFlightPerOriginMax: number;
  readonly streamsPerOriginMax: number;
  readonly retry: BackOff;
  readonly breakerFailuresMax: number;
  readonly breaker: BackOff;
  /** How long an event that was taken, or given up, can still be looked at. */
  readonly keepDeliveredMs: number;
  readonly keepDeadMs: number;
}

/** A day of attempts, at most an hour apart. */
export const OUTBOX_PACE: OutboxPace = {
  attemptsMax: 40,
  ageMaxMs: 24 * 3_600_000,
  inFlightMax: 256,
  inFlightPerOriginMax: 8,
  streamsPerOriginMax: 10_000,
  retry: { firstMs: 1000, longestMs: 3_600_000, random: Math.random },
  breakerFailuresMax: 5,
  breaker: { firstMs: 5000, longestMs: 60_000, random: Math.random },
  keepDeliveredMs: 10 * 60_000,
  keepDeadMs: 7 * 24 * 3_600_000,
};

/** What an outbox is told. */
export interface OutboxOptions {
  readonly store: Pick<Store, 'outbox' | 'turn'>;
  readonly client: Pick<WebhookClient, 'send'>;
  /** In whose name a request is signed; undefined for an account that is gone. */
  readonly accountOf: (accountSid: string) => WebhookAccount | undefined;
  /** Told at the first failed attempt of an event, and when it is given up. */
  readonly onTrouble?: (event: OutboxRecord, fault: WebhookFault, fate: 'retrying' | 'dead') => void;
  /** Told when the store could not be read or written. */
  readonly onStoreFailure?: (error: unknown) => void;
  readonly pace?: Partial<OutboxPace>;
  readonly clock?: DeliveryClock;
}

const PRUNE_ROWS = 2000;
const PRUNE_EVERY_MS = 60_000;
const PRUNE_AGAIN_MS = 250;

/** Opens the outbox of a store, and goes on with what an earlier process left in it. */
export function openCallbackOutbox(options: OutboxOptions): CallbackOutbox {
  return new StoredOutbox(options);
}

class StoredOutbox implements CallbackOutbox {
  readonly #options: OutboxOptions;
  readonly #pace: OutboxPace;
  readonly #clock: DeliveryClock;
  readonly #lanes = new Map<string, DeliveryLane>();
  /** Lanes that had something to send when there was no room. */
  readonly #hungry = new Set<DeliveryLane>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #fresh: FreshEvents;
  #uncommitted: OutboxRecord[] = [];
  #forgetPruning: () => void;
  #pending: number;
  #dead: number;
  #delivered = 0;
  #failedAttempts = 0;
  #lost = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#pace = { ...OUTBOX_PACE, ...options.pace };
    this.#clock = options.clock ?? systemDeliveryClock;
    ({ pending: this.#pending, dead: this.#dead } = options.store.outbox.counts());
    this.#fresh = new FreshEvents({ isTableEmpty: this.#pending === 0 });
    this.#forgetPruning = this.#clock.schedule(PRUNE_EVERY_MS, () => this.#prune());
    this.#resume();
  }

  get counts(): OutboxCounts {
    let openBreakers = 0;
    for (const lane of this.#lanes.values()) if (lane.isBreakerOpen) openBreakers += 1;
    return {
      pending: this.#pending,
      inFlight: this.#running.size,
      delivered: this.#delivered,
      failedAttempts: this.#failedAttempts,
      dead: this.#dead,
      lost: this.#lost,
      openBreakers,
    };
  }

  enqueue(event: CallbackEvent): void {
    const { outbox, turn } = this.#options.store;
    const origin = URL.parse(event.url)?.origin ?? '';
    let record: OutboxRecord | undefined;
    try {
      record = outbox.add({ ...event, origin, key: randomUUID(), createdAtMs: this.#clock.nowMs() });
    } catch (error) {
      this.#lost += 1;
      this.#options.onStoreFailure?.(error);
      return;
    }
    if (record === undefined) return;
    this.#pending += 1;
    this.#uncommitted.push(record);
    if (this.#uncommitted.length > 1) return;
    turn.settled(
      () => this.#admit(this.#takeUncommitted()),
      () => {
        const lost = this.#takeUncommitted().length;
        this.#pending -= lost;
        this.#lost += lost;
        // What was noted in that turn of events that were taken is lost too.
        this.#fresh.lose();
      },
    );
  }

  replay({ stream }: { readonly stream?: string } = {}): number {
    const { outbox, turn } = this.#options.store;
    const replayed = outbox.replay(this.#clock.nowMs(), stream);
    turn.flush();
    this.#fresh.lose();
    this.#pending += replayed;
    this.#dead -= replayed;
    this.#resume();
    return replayed;
  }

  async close(): Promise<void> {
    this.#forgetPruning();
    for (const lane of this.#lanes.values()) lane.stop();
    this.#closing.abort();
    await Promise.all(this.#running);
  }

  #takeUncommitted(): readonly OutboxRecord[] {
    const records = this.#uncommitted;
    this.#uncommitted = [];
    return records;
  }

  #admit(records: readonly OutboxRecord[]): void {
    if (this.#closing.signal.aborted) return;
    for (const record of records) {
      this.#fresh.written(record);
      this.#laneOf(record.origin).admit(record.stream, record.id);
    }
  }

  #resume(): void {
    for (const origin of this.#options.store.outbox.pendingByOrigin().keys()) this.#laneOf(origin).resume();
  }

  #laneOf(origin: string): DeliveryLane {
    const existing = this.#lanes.get(origin);
    if (existing !== undefined) return existing;
    const { outbox, turn } = this.#options.store;
    const lane: DeliveryLane = new DeliveryLane({
      clock: this.#clock,
      breaker: new CircuitBreaker({
        failuresMax: this.#pace.breakerFailuresMax,
        backOff: this.#pace.breaker,
      }),
      inFlightMax: this.#pace.inFlightPerOriginMax,
      streamsMax: this.#pace.streamsPerOriginMax,
      deliver: (stream) => this.#track(this.#deliver(stream, origin)),
      hasRoom: () => {
        if (this.#running.size < this.#pace.inFlightMax) return true;
        this.#hungry.add(lane);
        return false;
      },
      moreStreams: (aboveId, limit) => {
        // Nothing is sent before it is committed.
        turn.flush();
        return outbox.pendingStreams(origin, aboveId, limit);
      },
      onIdle: () => this.#lanes.delete(origin),
    });
    this.#lanes.set(origin, lane);
    return lane;
  }

  async #track(attempt: Promise<Delivery>): Promise<Delivery> {
    this.#running.add(attempt);
    try {
      return await attempt;
    } catch (error) {
      // `send` never rejects, so this is the store. The event is still in it, or is sent once more with its key.
      this.#fresh.lose();
      this.#options.onStoreFailure?.(error);
      return { type: 'again', afterMs: backOffMs(1, this.#pace.retry), isAlive: true };
    } finally {
      this.#running.delete(attempt);
      const [hungry] = this.#hungry;
      if (hungry !== undefined) {
        this.#hungry.delete(hungry);
        hungry.pump();
      }
    }
  }

  async #deliver(stream: string, origin: string): Promise<Delivery> {
    const event = this.#nextOf(stream);
    if (event === undefined) return { type: 'empty' };
    if (event.origin !== origin) {
      this.#laneOf(event.origin).admit(stream, event.id);
      return { type: 'empty' };
    }
    const account = this.#options.accountOf(event.accountSid);
    if (account === undefined) {
      return this.#giveUp(event, {
        code: notifications.refusedByPolicy.code,
        message: 'The account is gone.',
        url: event.url,
      });
    }
    const request: WebhookRequest = {
      url: event.url,
      method: event.method,
      params: event.params,
      account,
      idempotencyKey: event.key,
      ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
      signal: this.#closing.signal,
    };
    const result = await this.#options.client.send(request);
    if (this.#closing.signal.aborted && !result.ok) return { type: 'stopped' };
    if (result.ok) return this.#taken(event, result.answer.status);
    return this.#failed(event, result.fault);
  }

  #nextOf(stream: string): OutboxRecord | undefined {
    const known = this.#fresh.next(stream);
    if (known === 'ask') return this.#options.store.outbox.head(stream);
    return known === 'none' ? undefined : known;
  }

  #taken(event: OutboxRecord, status: number): Delivery {
    this.#options.store.outbox.delivered(event.id, this.#clock.nowMs(), status);
    this.#pending -= 1;
    this.#delivered += 1;
    this.#fresh.finished(event.stream, this.#pending);
    return { type: 'next', isAlive: true };
  }

  #failed(event: OutboxRecord, fault: WebhookFault): Delivery {
    const { outbox } = this.#options.store;
    const { attemptsMax, ageMaxMs, retry } = this.#pace;
    this.#fresh.failed(event.stream);
    outbox.failed(event.id, { status: fault.status ?? null, error: fault.message });
    this.#failedAttempts += 1;
    const attempts = event.attempts + 1;
    if (isHopeless(fault) || attempts >= attemptsMax || this.#clock.nowMs() - event.createdAtMs >= ageMaxMs)
      return this.#giveUp(event, fault);
    if (attempts === 1) this.#options.onTrouble?.(event, fault, 'retrying');
    const afterMs = Math.max(backOffMs(attempts, retry), retryAfterMs(fault, retry.longestMs));
    return { type: 'again', afterMs, isAlive: isAlive(fault) };
  }

  #giveUp(event: OutboxRecord, fault: WebhookFault): Delivery {
    this.#options.store.outbox.dead(event.id, this.#clock.nowMs(), fault.message);
    this.#pending -= 1;
    this.#dead += 1;
    this.#fresh.finished(event.stream, this.#pending);
    this.#options.onTrouble?.(event, fault, 'dead');
    return { type: 'next', isAlive: isAlive(fault) };
  }

  #prune(): void {
    const { outbox } = this.#options.store;
    const nowMs = this.#clock.nowMs();
    const delivered = outbox.prune('delivered', nowMs - this.#pace.keepDeliveredMs, PRUNE_ROWS);
    const dead = outbox.prune('dead', nowMs - this.#pace.keepDeadMs, PRUNE_ROWS);
    this.#dead -= dead;
    const isMore = delivered === PRUNE_ROWS || dead === PRUNE_ROWS;
    this.#forgetPruning = this.#clock.schedule(isMore ? PRUNE_AGAIN_MS : PRUNE_EVERY_MS, () => this.#prune());
  }
}

/** Nothing that time could mend; whoever mends it replays the event. */
function isHopeless({ code }: WebhookFault): boolean {
  return code === notifications.urlInvalid.code || code === notifications.refusedByPolicy.code;
}

/** A server that says no is alive; one that is silent, broken or asks for mercy is better left alone. */
function isAlive(fault: WebhookFault): boolean {
  return fault.status !== undefined && fault.status < 500 && fault.status !== 429;
}

function retryAfterMs(fault: WebhookFault, longestMs: number): number {
  const written = fault.headers?.find(([name]) => name === 'retry-after')?.[1];
  return written !== undefined && /^\d+$/.test(written) ? Math.min(Number(written) * 1000, longestMs) : 0;
}
