import type { DatabaseSync } from 'node:sqlite';
import { number, numberOrNull, oneOf, text, textOrNull, type Row } from './row.ts';
import type { Turn } from './turn.ts';
import { Where } from './where.ts';

/** A recording as it is kept; its media lie in a file. */
export interface RecordingRecord {
  readonly sid: string;
  readonly accountSid: string;
  readonly callSid: string;
  readonly status: 'in-progress' | 'processing' | 'completed' | 'absent' | 'failed';
  /** What has made it: `RecordVerb`, `DialVerb`, `Conference`. */
  readonly source: string;
  readonly media: 'audio' | 'video';
  readonly channels: number;
  readonly filePath: string | null;
  readonly bytes: number | null;
  readonly durationSeconds: number | null;
  readonly errorCode: number | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Which recordings, newest first. */
export interface RecordingFilter {
  readonly accountSid: string;
  readonly callSid?: string;
  readonly createdFromMs?: number;
  readonly createdBeforeMs?: number;
  readonly offset: number;
  readonly limit: number;
}

/** The rows of the recordings. Their files are not looked after here. */
export class Recordings {
  readonly #turn: Turn;
  readonly #database: DatabaseSync;
  readonly #find;
  readonly #remove;

  constructor(database: DatabaseSync, turn: Turn) {
    this.#turn = turn;
    this.#database = database;
    this.#find = database.prepare('SELECT * FROM recordings WHERE account_sid = ? AND sid = ?');
    this.#remove = database.prepare('DELETE FROM recordings WHERE account_sid = ? AND sid = ?');
  }

  find(accountSid: string, sid: string): RecordingRecord | undefined {
    const row = this.#find.get(accountSid, sid);
    return row === undefined ? undefined : read(row);
  }

  list(filter: RecordingFilter): {
    readonly recordings: readonly RecordingRecord[];
    readonly total: number;
  } {
    const where = new Where()
      .and('account_sid = ?', filter.accountSid)
      .and('call_sid = ?', filter.callSid)
      .and('created_at >= ?', filter.createdFromMs)
      .and('created_at < ?', filter.createdBeforeMs);
    const rows = this.#database
      .prepare(`SELECT * FROM recordings ${where.sql} ORDER BY id DESC LIMIT ? OFFSET ?`)
      .all(...where.values, filter.limit, filter.offset);
    const counted = this.#database
      .prepare(`SELECT count(*) AS total FROM recordings ${where.sql}`)
      .get(...where.values);
    return { recordings: rows.map(read), total: Number(counted?.['total']) };
  }

  remove(accountSid: string, sid: string): boolean {
    this.#turn.join();
    return this.#remove.run(accountSid, sid).changes === 1;
  }
}

function read(row: Row): RecordingRecord {
  return {
    sid: text(row, 'sid'),
    accountSid: text(row, 'account_sid'),
    callSid: text(row, 'call_sid'),
    status: oneOf(row, 'status', ['failed', 'in-progress', 'processing', 'completed', 'absent']),
    source: text(row, 'source'),
    media: oneOf(row, 'media', ['audio', 'video']),
    channels: number(row, 'channels'),
    filePath: textOrNull(row, 'file_path'),
    bytes: numberOrNull(row, 'bytes'),
    durationSeconds: numberOrNull(row, 'duration'),
    errorCode: numberOrNull(row, 'error_code'),
    createdAtMs: number(row, 'created_at'),
    updatedAtMs: number(row, 'updated_at'),
  };
}
