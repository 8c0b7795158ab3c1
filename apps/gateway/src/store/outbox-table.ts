import type { DatabaseSync } from 'node:sqlite';
import type { HttpMethod } from '@parley/rcml';
import type { FormParams } from '../out/form-params.ts';
import { number, numberOrNull, oneOf, text, textOrNull, type Row } from './row.ts';
import type { Turn } from './turn.ts';
import { Where } from './where.ts';

/** A callback as it is written down. */
export interface OutboxRecord {
  readonly id: number;
  /** The same on every attempt, so that the receiver can tell a repetition. */
  readonly key: string;
  readonly accountSid: string;
  readonly stream: string;
  readonly sequence: number;
  /** Scheme, host and port: what is slow or dead together. */
  readonly origin: string;
  readonly url: string;
  readonly method: HttpMethod;
  readonly params: FormParams;
  /** Of the call it is about; the same on every attempt. */
  readonly traceparent?: string | undefined;
  readonly state: OutboxState;
  readonly attempts: number;
  readonly createdAtMs: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
}

/** `dead` was given up, and can be replayed. */
export type OutboxState = 'pending' | 'delivered' | 'dead';

/** A callback to be written down. */
export type NewOutboxRecord = Omit<OutboxRecord, 'id' | 'state' | 'attempts' | 'lastStatus' | 'lastError'>;

/** How an attempt failed. */
export interface FailedAttempt {
  readonly status: number | null;
  readonly error: string;
}

/** Which callbacks, newest first. */
export interface OutboxFilter {
  readonly accountSid: string;
  readonly state?: OutboxState;
  readonly stream?: string;
  readonly offset: number;
  readonly limit: number;
}

/** The callbacks on their way. What is written joins the transaction of this turn of the event loop. */
export class OutboxTable {
  readonly #turn: Turn;
  readonly #database: DatabaseSync;
  readonly #insert;
  readonly #head;
  readonly #delivered;
  readonly #failed;
  readonly #dead;
  readonly #replayAll;
  readonly #replayStream;
  readonly #origins;
  readonly #streams;
  readonly #nextSequence;
  readonly #ofStream;
  readonly #deadStreams;
  readonly #countPending;
  readonly #countDead;
  readonly #prune;

  constructor(database: DatabaseSync, turn: Turn) {
    this.#turn = turn;
    this.#database = database;
    this.#insert = database.prepare(`
      INSERT INTO outbox (key, account_sid, stream, sequence, origin, url, method, params, state, attempts, created_at,
        traceparent)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0, ?, ?) ON CONFLICT (stream, sequence) DO NOTHING
    `);
    this.#head = database.prepare(`
      SELECT * FROM outbox WHERE stream = ? AND state = 'pending' ORDER BY sequence LIMIT 1
    `);
    this.#delivered = database.prepare(`
      UPDATE outbox SET state = 'delivered', attempts = attempts + 1, finished_at = ?, last_status = ?, last_error = NULL
      WHERE id = ?
    `);
    this.#failed = database.prepare(`
      UPDATE outbox SET attempts = attempts + 1, last_status = ?, last_error = ? WHERE id = ?
    `);
    this.#dead = database.prepare(
      `UPDATE outbox SET state = 'dead', finished_at = ?, last_error = ? WHERE id = ?`,
    );
    const replay = `UPDATE outbox SET state = 'pending', attempts = 0, created_at = ?, finished_at = NULL
      WHERE state = 'dead'`;
    this.#replayAll = database.prepare(replay);
    this.#replayStream = database.prepare(`${replay} AND stream = ?`);
    this.#origins = database.prepare(`
      SELECT origin, count(*) AS events FROM outbox WHERE state = 'pending' GROUP BY origin
    `);
    this.#streams = database.prepare(`
      SELECT stream, id FROM outbox WHERE state = 'pending' AND origin = ? AND id > ? ORDER BY id LIMIT ?
    `);
    this.#nextSequence = database.prepare(
      'SELECT coalesce(max(sequence), -1) + 1 AS next FROM outbox WHERE stream = ?',
    );
    this.#ofStream = database.prepare('SELECT * FROM outbox WHERE stream = ? ORDER BY sequence');
    this.#deadStreams = database.prepare(`
      SELECT stream FROM outbox WHERE state = 'dead' AND account_sid = ? GROUP BY stream ORDER BY min(id)
    `);
    this.#countPending = database.prepare(`SELECT count(*) AS total FROM outbox WHERE state = 'pending'`);
    this.#countDead = database.prepare(`SELECT count(*) AS total FROM outbox WHERE state = 'dead'`);
    // Those of a leg that still lives are kept: after a crash they say which number comes next.
    this.#prune = database.prepare(`
      DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox WHERE state = ? AND finished_at < ?
          AND stream NOT IN (SELECT sid FROM calls WHERE ended_at IS NULL) LIMIT ?)
    `);
  }

  /** Answers the record, or undefined when the stream already has an event of this number. */
  add(event: NewOutboxRecord): OutboxRecord | undefined {
    this.#turn.join();
    const written = this.#insert.run(
      event.key,
      event.accountSid,
      event.stream,
      event.sequence,
      event.origin,
      event.url,
      event.method,
      JSON.stringify(event.params),
      event.createdAtMs,
      event.traceparent ?? null,
    );
    if (written.changes === 0) return undefined;
    const id = Number(written.lastInsertRowid);
    return { ...event, id, state: 'pending', attempts: 0, lastStatus: null, lastError: null };
  }

  /** The event of the stream that is to go next. */
  head(stream: string): OutboxRecord | undefined {
    const row = this.#head.get(stream);
    return row === undefined ? undefined : read(row);
  }

  delivered(id: number, atMs: number, status: number): void {
    this.#turn.join();
    this.#delivered.run(atMs, status, id);
  }

  failed(id: number, attempt: FailedAttempt): void {
    this.#turn.join();
    this.#failed.run(attempt.status, attempt.error, id);
  }

  dead(id: number, atMs: number, error: string): void {
    this.#turn.join();
    this.#dead.run(atMs, error, id);
  }

  /** Makes dead events wait again as if they were new; answers how many. */
  replay(nowMs: number, stream?: string): number {
    this.#turn.join();
    const done = stream === undefined ? this.#replayAll.run(nowMs) : this.#replayStream.run(nowMs, stream);
    return Number(done.changes);
  }

  /** Where events wait to go, and how many. */
  pendingByOrigin(): ReadonlyMap<string, number> {
    return new Map(this.#origins.all().map((row) => [text(row, 'origin'), number(row, 'events')]));
  }

  /** The streams of the events above an id that wait to go to this origin, oldest first; a stream may come twice. */
  pendingStreams(origin: string, aboveId: number, limit: number): readonly { stream: string; id: number }[] {
    return this.#streams
      .all(origin, aboveId, limit)
      .map((row) => ({ stream: text(row, 'stream'), id: number(row, 'id') }));
  }

  /** The number that the next event of the stream gets. */
  nextSequence(stream: string): number {
    return Number(this.#nextSequence.get(stream)?.['next']);
  }

  /** What is still known of a stream, in order; for the REST interface and for looking into a complaint. */
  ofStream(stream: string): readonly OutboxRecord[] {
    return this.#ofStream.all(stream).map(read);
  }

  list(filter: OutboxFilter): { readonly callbacks: readonly OutboxRecord[]; readonly total: number } {
    const where = new Where()
      .and('account_sid = ?', filter.accountSid)
      .and('state = ?', filter.state)
      .and('stream = ?', filter.stream);
    const rows = this.#database
      .prepare(`SELECT * FROM outbox ${where.sql} ORDER BY id DESC LIMIT ? OFFSET ?`)
      .all(...where.values, filter.limit, filter.offset);
    const counted = this.#database
      .prepare(`SELECT count(*) AS total FROM outbox ${where.sql}`)
      .get(...where.values);
    return { callbacks: rows.map(read), total: Number(counted?.['total']) };
  }

  /** The streams of the account in which events were given up, oldest first. */
  deadStreams(accountSid: string): readonly string[] {
    return this.#deadStreams.all(accountSid).map((row) => text(row, 'stream'));
  }

  counts(): { readonly pending: number; readonly dead: number } {
    return {
      pending: Number(this.#countPending.get()?.['total']),
      dead: Number(this.#countDead.get()?.['total']),
    };
  }

  /** Deletes up to `limit` finished events of one kind that are older than this. */
  prune(state: 'delivered' | 'dead', finishedBeforeMs: number, limit: number): number {
    this.#turn.join();
    return Number(this.#prune.run(state, finishedBeforeMs, limit).changes);
  }
}

function read(row: Row): OutboxRecord {
  return {
    id: number(row, 'id'),
    key: text(row, 'key'),
    accountSid: text(row, 'account_sid'),
    stream: text(row, 'stream'),
    sequence: number(row, 'sequence'),
    origin: text(row, 'origin'),
    url: text(row, 'url'),
    method: oneOf(row, 'method', ['POST', 'GET']),
    params: JSON.parse(text(row, 'params')),
    traceparent: textOrNull(row, 'traceparent') ?? undefined,
    state: oneOf(row, 'state', ['pending', 'delivered', 'dead']),
    attempts: number(row, 'attempts'),
    createdAtMs: number(row, 'created_at'),
    lastStatus: numberOrNull(row, 'last_status'),
    lastError: textOrNull(row, 'last_error'),
  };
}
