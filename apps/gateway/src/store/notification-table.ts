import type { DatabaseSync } from 'node:sqlite';
import type { FormParams } from '../out/form-params.ts';
import type { Forgetful } from './history.ts';
import type { NotificationFilter, NotificationRecord } from './notifications.ts';
import { number, numberOrNull, oneOf, text, textOrNull, type Row } from './row.ts';
import type { Turn } from './turn.ts';
import { containing, Where } from './where.ts';

/** How many inserts go by before the oldest rows above the ceiling are deleted. */
const PRUNE_EVERY = 256;

/** The rows of the notifications, the newest up to a ceiling. */
export class NotificationTable implements Forgetful {
  readonly #turn: Turn;
  readonly #database: DatabaseSync;
  readonly #rowsMax: number;
  readonly #insert;
  readonly #prune;
  readonly #find;
  readonly #remove;
  readonly #forget;
  #untilPrune = PRUNE_EVERY;

  constructor(database: DatabaseSync, turn: Turn, rowsMax: number) {
    this.#turn = turn;
    this.#database = database;
    this.#rowsMax = rowsMax;
    this.#insert = database.prepare(`
      INSERT INTO notifications (sid, account_sid, call_sid, severity, code, message, line, column_number, request_url,
        request_method, request_params, response_status, response_headers, response_body, at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    `);
    // Ids only grow and few rows are removed by hand, so the distance to the newest is the number of rows, or more.
    this.#prune = database.prepare(`
      DELETE FROM notifications WHERE id <= (SELECT max(id) FROM notifications) - ?
    `);
    this.#find = database.prepare('SELECT * FROM notifications WHERE account_sid = ? AND sid = ?');
    this.#remove = database.prepare('DELETE FROM notifications WHERE account_sid = ? AND sid = ?');
    this.#forget = database.prepare(`
      DELETE FROM notifications WHERE id IN (SELECT id FROM notifications ORDER BY id LIMIT ?) AND at < ?
    `);
  }

  add(record: NotificationRecord): void {
    this.#turn.join();
    this.#insert.run(
      record.sid,
      record.accountSid,
      record.callSid,
      record.severity,
      record.code,
      record.message,
      record.line,
      record.column,
      record.requestUrl,
      record.requestMethod,
      JSON.stringify(record.requestParams),
      record.responseStatus,
      JSON.stringify(record.responseHeaders),
      record.responseBody,
      record.atMs,
    );
    this.#untilPrune -= 1;
    if (this.#untilPrune > 0) return;
    this.#untilPrune = PRUNE_EVERY;
    this.#prune.run(this.#rowsMax);
  }

  find(accountSid: string, sid: string): NotificationRecord | undefined {
    const row = this.#find.get(accountSid, sid);
    return row === undefined ? undefined : read(row);
  }

  list(filter: NotificationFilter): {
    readonly notifications: readonly NotificationRecord[];
    readonly total: number;
  } {
    const where = new Where()
      .and('account_sid = ?', filter.accountSid)
      .and('call_sid = ?', filter.callSid)
      .and('severity = ?', filter.severity)
      .and('code = ?', filter.code)
      .and('request_url = ?', filter.requestUrl)
      .and(
        String.raw`message LIKE ? ESCAPE '\'`,
        filter.messagePart === undefined ? undefined : containing(filter.messagePart),
      )
      .and('at >= ?', filter.fromMs)
      .and('at < ?', filter.beforeMs);
    const rows = this.#database
      .prepare(`SELECT * FROM notifications ${where.sql} ORDER BY id DESC LIMIT ? OFFSET ?`)
      .all(...where.values, filter.limit, filter.offset);
    const counted = this.#database
      .prepare(`SELECT count(*) AS total FROM notifications ${where.sql}`)
      .get(...where.values);
    return { notifications: rows.map(read), total: Number(counted?.['total']) };
  }

  remove(accountSid: string, sid: string): boolean {
    this.#turn.join();
    return this.#remove.run(accountSid, sid).changes === 1;
  }

  forgetBefore(beforeMs: number, limit: number): number {
    this.#turn.join();
    return Number(this.#forget.run(limit, beforeMs).changes);
  }
}

function read(row: Row): NotificationRecord {
  return {
    sid: text(row, 'sid'),
    accountSid: text(row, 'account_sid'),
    callSid: textOrNull(row, 'call_sid'),
    severity: oneOf(row, 'severity', ['error', 'warning']),
    code: number(row, 'code'),
    message: text(row, 'message'),
    line: numberOrNull(row, 'line'),
    column: numberOrNull(row, 'column_number'),
    requestUrl: textOrNull(row, 'request_url'),
    requestMethod: textOrNull(row, 'request_method'),
    requestParams: readParams(row, 'request_params'),
    responseStatus: numberOrNull(row, 'response_status'),
    responseHeaders: readParams(row, 'response_headers'),
    responseBody: textOrNull(row, 'response_body'),
    atMs: number(row, 'at'),
  };
}

function readParams(row: Row, column: string): FormParams {
  return JSON.parse(textOrNull(row, column) ?? '[]');
}
