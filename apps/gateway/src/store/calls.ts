import type { DatabaseSync } from 'node:sqlite';
import type { HttpMethod } from '@parley/rcml';
import type { FormParams } from '../out/form-params.ts';
import type { CallStatus, FinalStatus } from './call-status.ts';
import type { Forgetful } from './history.ts';
import { number, numberOrNull, oneOf, text, textOrNull, type Row } from './row.ts';
import type { Turn } from './turn.ts';
import { Where } from './where.ts';

/** Where a leg's life is reported; kept with the leg, so that a crash can still report its end. */
export interface CallbackSubscription {
  /** Absolute. */
  readonly url: string;
  readonly method: HttpMethod;
  /** Whether the end is among the events asked for. */
  readonly wantsCompleted: boolean;
  /** What every callback of this leg carries: AccountSid, CallSid, From, To and so on. */
  readonly params: FormParams;
}

/** One leg as it is kept. */
export interface CallRecord {
  readonly sid: string;
  readonly accountSid: string;
  /** The caller's leg, for one that was dialled. */
  readonly parentSid: string | null;
  readonly applicationSid: string | null;
  readonly from: string;
  readonly to: string;
  readonly direction: 'inbound' | 'outbound-dial' | 'outbound-api';
  readonly status: CallStatus;
  readonly createdAtMs: number;
  readonly answeredAtMs: number | null;
  readonly endedAtMs: number | null;
  /** From pick-up to the end; 0 for a leg never answered, null while it lives. */
  readonly durationSeconds: number | null;
  readonly endReason: string | null;
  /** Whatever else is worth knowing: the device's label, who won, quality. */
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly callback: CallbackSubscription | null;
}

/** A leg that begins. */
export interface NewCall {
  readonly sid: string;
  readonly accountSid: string;
  readonly parentSid?: string | null;
  readonly applicationSid?: string | null;
  readonly from: string;
  readonly to: string;
  readonly direction: CallRecord['direction'];
  readonly status: CallStatus;
  readonly createdAtMs: number;
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly callback?: CallbackSubscription | null;
}

/** How a leg ended. */
export interface CallEnd {
  readonly status: FinalStatus;
  readonly endedAtMs: number;
  readonly durationSeconds: number;
  readonly endReason: string;
  /** Added to those it has. */
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** Which calls, newest first. */
export interface CallFilter {
  readonly accountSid: string;
  readonly status?: CallStatus;
  readonly from?: string;
  readonly to?: string;
  readonly parentSid?: string;
  /** Created at this time or later. */
  readonly createdFromMs?: number;
  /** Created before this time. */
  readonly createdBeforeMs?: number;
  /** Ended at this time or later. */
  readonly endedFromMs?: number;
  /** Ended before this time. */
  readonly endedBeforeMs?: number;
  readonly offset: number;
  readonly limit: number;
}

/** The legs, past and present. What is written joins the transaction of this turn of the event loop. */
export class Calls implements Forgetful {
  readonly #turn: Turn;
  readonly #database: DatabaseSync;
  readonly #open;
  readonly #setStatus;
  readonly #answered;
  readonly #end;
  readonly #annotate;
  readonly #find;
  readonly #unfinished;
  readonly #forget;

  constructor(database: DatabaseSync, turn: Turn) {
    this.#turn = turn;
    this.#database = database;
    this.#open = database.prepare(`
      INSERT INTO calls (sid, account_sid, parent_sid, application_sid, from_party, to_party, direction, status,
        created_at, annotations, callback) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    `);
    this.#setStatus = database.prepare('UPDATE calls SET status = ? WHERE sid = ? AND ended_at IS NULL');
    this.#answered = database.prepare(`
      UPDATE calls SET status = 'in-progress', answered_at = ? WHERE sid = ? AND ended_at IS NULL AND answered_at IS NULL
    `);
    // The callback is of no use once the end has been reported, and it is the largest column.
    this.#end = database.prepare(`
      UPDATE calls SET status = ?, ended_at = ?, duration = ?, end_reason = ?, callback = NULL
      WHERE sid = ? AND ended_at IS NULL
    `);
    this.#annotate = database.prepare(`
      UPDATE calls SET annotations = json_patch(coalesce(annotations, '{}'), ?) WHERE sid = ?
    `);
    this.#find = database.prepare('SELECT * FROM calls WHERE account_sid = ? AND sid = ?');
    this.#unfinished = database.prepare('SELECT * FROM calls WHERE ended_at IS NULL ORDER BY id');
    this.#forget = database.prepare(`
      DELETE FROM calls WHERE id IN (SELECT id FROM calls ORDER BY id LIMIT ?) AND ended_at < ?
    `);
  }

  open(call: NewCall): void {
    this.#turn.join();
    this.#open.run(
      call.sid,
      call.accountSid,
      call.parentSid ?? null,
      call.applicationSid ?? null,
      call.from,
      call.to,
      call.direction,
      call.status,
      call.createdAtMs,
      call.annotations === undefined ? null : JSON.stringify(call.annotations),
      call.callback == null ? null : JSON.stringify(call.callback),
    );
  }

  /** Does nothing for a leg that has ended. */
  setStatus(sid: string, status: CallStatus): void {
    this.#turn.join();
    this.#setStatus.run(status, sid);
  }

  /** Sets `in-progress` and the time of pick-up; the first time counts. */
  answered(sid: string, atMs: number): void {
    this.#turn.join();
    this.#answered.run(atMs, sid);
  }

  /** The first end counts; asking twice is fine. */
  end(sid: string, end: CallEnd): void {
    this.#turn.join();
    const { changes } = this.#end.run(end.status, end.endedAtMs, end.durationSeconds, end.endReason, sid);
    if (changes === 1 && end.annotations !== undefined) this.annotate(sid, end.annotations);
  }

  /** Adds to the annotations; a value of null takes one away. */
  annotate(sid: string, annotations: Readonly<Record<string, unknown>>): void {
    this.#turn.join();
    this.#annotate.run(JSON.stringify(annotations), sid);
  }

  find(accountSid: string, sid: string): CallRecord | undefined {
    const row = this.#find.get(accountSid, sid);
    return row === undefined ? undefined : read(row);
  }

  list(filter: CallFilter): { readonly calls: readonly CallRecord[]; readonly total: number } {
    const where = new Where()
      .and('account_sid = ?', filter.accountSid)
      .and('status = ?', filter.status)
      .and('from_party = ?', filter.from)
      .and('to_party = ?', filter.to)
      .and('parent_sid = ?', filter.parentSid)
      .and('created_at >= ?', filter.createdFromMs)
      .and('created_at < ?', filter.createdBeforeMs)
      .and('ended_at >= ?', filter.endedFromMs)
      .and('ended_at < ?', filter.endedBeforeMs);
    const rows = this.#database
      .prepare(`SELECT * FROM calls ${where.sql} ORDER BY id DESC LIMIT ? OFFSET ?`)
      .all(...where.values, filter.limit, filter.offset);
    const counted = this.#database
      .prepare(`SELECT count(*) AS total FROM calls ${where.sql}`)
      .get(...where.values);
    return { calls: rows.map(read), total: Number(counted?.['total']) };
  }

  /** The legs that have not ended, oldest first. After a crash these are the ones it cut short. */
  unfinished(): readonly CallRecord[] {
    return this.#unfinished.all().map(read);
  }

  forgetBefore(beforeMs: number, limit: number): number {
    this.#turn.join();
    return Number(this.#forget.run(limit, beforeMs).changes);
  }
}

function read(row: Row): CallRecord {
  const annotations = textOrNull(row, 'annotations');
  const callback = textOrNull(row, 'callback');
  return {
    sid: text(row, 'sid'),
    accountSid: text(row, 'account_sid'),
    parentSid: textOrNull(row, 'parent_sid'),
    applicationSid: textOrNull(row, 'application_sid'),
    from: text(row, 'from_party'),
    to: text(row, 'to_party'),
    direction: oneOf(row, 'direction', ['inbound', 'outbound-dial', 'outbound-api']),
    status: oneOf(row, 'status', STATUSES),
    createdAtMs: number(row, 'created_at'),
    answeredAtMs: numberOrNull(row, 'answered_at'),
    endedAtMs: numberOrNull(row, 'ended_at'),
    durationSeconds: numberOrNull(row, 'duration'),
    endReason: textOrNull(row, 'end_reason'),
    annotations: annotations === null ? {} : JSON.parse(annotations),
    callback: callback === null ? null : JSON.parse(callback),
  };
}

const STATUSES: readonly [CallStatus, ...CallStatus[]] = [
  'failed',
  'queued',
  'initiated',
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'no-answer',
  'canceled',
];
