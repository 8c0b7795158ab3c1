import type { DatabaseSync } from 'node:sqlite';
import type { HttpMethod } from '@parley/rcml';
import type { FormParams } from '../out/form-params.ts';
import { number, numberOrNull, oneOf, text, textOrNull, type Row } from './row.ts';
import type { Turn } from './turn.ts';
import { Where } from './where.ts';

/** What a recording may be. `absent`: nothing was said, or nothing could be recorded. */
export type RecordingStatus = 'in-progress' | 'paused' | 'completed' | 'absent' | 'failed';

/** Where the fate of a recording is told; kept with it, so that a crash can still tell its end. */
export interface RecordingSubscription {
  /** Absolute. */
  readonly url: string;
  readonly method: HttpMethod;
  readonly events: readonly string[];
  /** What every callback of this recording carries. */
  readonly params: FormParams;
}

/** A recording as it is kept; its media lie in a file. */
export interface RecordingRecord {
  readonly sid: string;
  readonly accountSid: string;
  /** Of a conference: of whoever opened it. */
  readonly callSid: string;
  readonly conferenceSid: string | null;
  readonly status: RecordingStatus;
  /** What has made it: `RecordVerb`, `DialVerb`, `Conference` … */
  readonly source: string;
  readonly track: 'both' | 'inbound';
  readonly media: 'audio' | 'video';
  readonly channels: number;
  /** Its name in the directory of recordings; null where there is none. */
  readonly fileName: string | null;
  readonly bytes: number | null;
  readonly durationSeconds: number | null;
  readonly errorCode: number | null;
  readonly subscription: RecordingSubscription | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A recording that begins. */
export type NewRecording = Omit<
  RecordingRecord,
  'status' | 'fileName' | 'bytes' | 'durationSeconds' | 'errorCode' | 'updatedAtMs'
>;

/** How a recording ended. */
export interface RecordingOutcome {
  readonly status: 'completed' | 'absent' | 'failed';
  readonly fileName: string | null;
  readonly bytes: number | null;
  readonly durationSeconds: number | null;
  readonly errorCode: number | null;
}

/** Which recordings, newest first. */
export interface RecordingFilter {
  readonly accountSid: string;
  readonly callSid?: string;
  readonly conferenceSid?: string;
  readonly createdFromMs?: number;
  readonly createdBeforeMs?: number;
  readonly offset: number;
  readonly limit: number;
}

/** The rows of the recordings. Their files are not looked after here. */
export class Recordings {
  readonly #turn: Turn;
  readonly #database: DatabaseSync;
  readonly #open;
  readonly #setStatus;
  readonly #end;
  readonly #find;
  readonly #unfinished;
  readonly #olderThan;
  readonly #remove;

  constructor(database: DatabaseSync, turn: Turn) {
    this.#turn = turn;
    this.#database = database;
    this.#open = database.prepare(`
      INSERT INTO recordings (sid, account_sid, call_sid, conference_sid, status, source, track, media, channels,
        subscription, created_at, updated_at) VALUES (?, ?, ?, ?, 'in-progress', ?, ?, ?, ?, ?, ?, ?)
    `);
    this.#setStatus = database.prepare(`
      UPDATE recordings SET status = ?, updated_at = ? WHERE sid = ? AND status IN ('in-progress', 'paused')
    `);
    // Once the end has been told, whom to tell is of no use any more.
    this.#end = database.prepare(`
      UPDATE recordings SET status = ?, file_path = ?, bytes = ?, duration = ?, error_code = ?, subscription = NULL,
        updated_at = ? WHERE sid = ? AND status IN ('in-progress', 'paused')
    `);
    this.#find = database.prepare('SELECT * FROM recordings WHERE account_sid = ? AND sid = ?');
    this.#unfinished = database.prepare(
      "SELECT * FROM recordings WHERE status IN ('in-progress', 'paused') ORDER BY id",
    );
    this.#olderThan = database.prepare(`
      SELECT * FROM recordings WHERE created_at < ? AND status NOT IN ('in-progress', 'paused') ORDER BY id LIMIT ?
    `);
    this.#remove = database.prepare('DELETE FROM recordings WHERE account_sid = ? AND sid = ?');
  }

  open(recording: NewRecording): void {
    this.#turn.join();
    const { subscription } = recording;
    this.#open.run(
      recording.sid,
      recording.accountSid,
      recording.callSid,
      recording.conferenceSid,
      recording.source,
      recording.track,
      recording.media,
      recording.channels,
      subscription === null ? null : JSON.stringify(subscription),
      recording.createdAtMs,
      recording.createdAtMs,
    );
  }

  /** Does nothing for a recording that has ended. */
  setStatus(sid: string, status: 'in-progress' | 'paused', atMs: number): void {
    this.#turn.join();
    this.#setStatus.run(status, atMs, sid);
  }

  /** The first end counts; asking twice is fine. Whether this was it. */
  end(sid: string, outcome: RecordingOutcome, atMs: number): boolean {
    this.#turn.join();
    const { status, fileName, bytes, durationSeconds, errorCode } = outcome;
    return this.#end.run(status, fileName, bytes, durationSeconds, errorCode, atMs, sid).changes === 1;
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
      .and('conference_sid = ?', filter.conferenceSid)
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

  /** Those that have not ended, oldest first. After a crash these are the ones it cut short. */
  unfinished(): readonly RecordingRecord[] {
    return this.#unfinished.all().map(read);
  }

  /** Up to so many that are over and were begun before this time, oldest first. */
  olderThan(beforeMs: number, limit: number): readonly RecordingRecord[] {
    return this.#olderThan.all(beforeMs, limit).map(read);
  }

  remove(accountSid: string, sid: string): boolean {
    this.#turn.join();
    return this.#remove.run(accountSid, sid).changes === 1;
  }
}

function read(row: Row): RecordingRecord {
  const subscription = textOrNull(row, 'subscription');
  return {
    sid: text(row, 'sid'),
    accountSid: text(row, 'account_sid'),
    callSid: text(row, 'call_sid'),
    conferenceSid: textOrNull(row, 'conference_sid'),
    status: oneOf(row, 'status', ['failed', 'in-progress', 'paused', 'completed', 'absent']),
    source: text(row, 'source'),
    track: oneOf(row, 'track', ['both', 'inbound']),
    media: oneOf(row, 'media', ['audio', 'video']),
    channels: number(row, 'channels'),
    fileName: textOrNull(row, 'file_path'),
    bytes: numberOrNull(row, 'bytes'),
    durationSeconds: numberOrNull(row, 'duration'),
    errorCode: numberOrNull(row, 'error_code'),
    subscription: subscription === null ? null : JSON.parse(subscription),
    createdAtMs: number(row, 'created_at'),
    updatedAtMs: number(row, 'updated_at'),
  };
}
