import type { DatabaseSync } from 'node:sqlite';
import type { Forgetful } from './history.ts';
import { number, oneOf, text, textOrNull, type Row } from './row.ts';
import type { Turn } from './turn.ts';
import { Where } from './where.ts';

/** `init` until somebody comes who starts it. */
export type ConferenceStatus = 'init' | 'in-progress' | 'completed';

/** A conference, up or over. */
export interface ConferenceRecord {
  /** `CF` and 32 hex digits. */
  readonly sid: string;
  readonly accountSid: string;
  readonly friendlyName: string;
  readonly status: ConferenceStatus;
  /** Why it ended, in Twilio's words; null while it is up, and of one that a crash cut short. */
  readonly endReason: string | null;
  /** Whose leaving ended it. */
  readonly endedBy: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface ConferenceFilter {
  readonly accountSid: string;
  readonly friendlyName?: string | undefined;
  readonly status?: ConferenceStatus | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** Conferences that are up, and those that were. */
export class ConferenceTable implements Forgetful {
  readonly #database: DatabaseSync;
  readonly #turn: Turn;
  readonly #write;
  readonly #find;
  readonly #forget;

  constructor(database: DatabaseSync, turn: Turn) {
    this.#database = database;
    this.#turn = turn;
    this.#write = database.prepare(`
      INSERT INTO conferences (sid, account_sid, friendly_name, status, end_reason, ended_by, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (sid) DO UPDATE SET status = excluded.status, end_reason = excluded.end_reason,
        ended_by = excluded.ended_by, updated_at = excluded.updated_at
    `);
    this.#find = database.prepare('SELECT * FROM conferences WHERE account_sid = ? AND sid = ?');
    this.#forget = database.prepare(`
      DELETE FROM conferences WHERE rowid IN (SELECT rowid FROM conferences ORDER BY rowid LIMIT ?)
        AND status = 'completed' AND updated_at < ?
    `);
  }

  /** Writes down how it stands now. */
  save(record: ConferenceRecord): void {
    this.#turn.join();
    this.#write.run(
      record.sid,
      record.accountSid,
      record.friendlyName,
      record.status,
      record.endReason,
      record.endedBy,
      record.createdAtMs,
      record.updatedAtMs,
    );
  }

  find(accountSid: string, sid: string): ConferenceRecord | undefined {
    const row = this.#find.get(accountSid, sid);
    return row === undefined ? undefined : read(row);
  }

  /** Newest first. */
  list(filter: ConferenceFilter): {
    readonly conferences: readonly ConferenceRecord[];
    readonly total: number;
  } {
    const where = new Where()
      .and('account_sid = ?', filter.accountSid)
      .and('friendly_name = ?', filter.friendlyName)
      .and('status = ?', filter.status);
    const { sql, values } = where;
    const rows = this.#database
      .prepare(`SELECT * FROM conferences ${sql} ORDER BY rowid DESC LIMIT ? OFFSET ?`)
      .all(...values, filter.limit, filter.offset);
    const total = this.#database.prepare(`SELECT count(*) AS total FROM conferences ${sql}`).get(...values);
    return { conferences: rows.map(read), total: Number(total?.['total']) };
  }

  forgetBefore(beforeMs: number, limit: number): number {
    this.#turn.join();
    return Number(this.#forget.run(limit, beforeMs).changes);
  }

  /** Closes what a crash has cut short, at the last sign of life. */
  closeInterrupted(lastSeenMs: number): void {
    this.#turn.join();
    this.#database
      .prepare(
        "UPDATE conferences SET status = 'completed', updated_at = max(updated_at, ?) WHERE status <> 'completed'",
      )
      .run(lastSeenMs);
  }
}

function read(row: Row): ConferenceRecord {
  return {
    sid: text(row, 'sid'),
    accountSid: text(row, 'account_sid'),
    friendlyName: text(row, 'friendly_name'),
    status: oneOf(row, 'status', ['completed', 'in-progress', 'init']),
    endReason: textOrNull(row, 'end_reason'),
    endedBy: textOrNull(row, 'ended_by'),
    createdAtMs: number(row, 'created_at'),
    updatedAtMs: number(row, 'updated_at'),
  };
}
