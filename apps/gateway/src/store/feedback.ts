import type { DatabaseSync } from 'node:sqlite';
import type { Forgetful } from './history.ts';
import { number, text, textOrNull, type Row } from './row.ts';
import type { Turn } from './turn.ts';

/** What a person thought of her part in a call. */
export interface FeedbackRecord {
  /** Her leg. */
  readonly callSid: string;
  readonly accountSid: string;
  /** 1 to 5, 5 being the best. */
  readonly score: number;
  readonly issue: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** One row a leg; the last word counts. */
export class Feedback implements Forgetful {
  readonly #turn: Turn;
  readonly #save;
  readonly #find;
  readonly #forget;

  constructor(database: DatabaseSync, turn: Turn) {
    this.#turn = turn;
    this.#save = database.prepare(`
      INSERT INTO feedback (call_sid, account_sid, score, issue, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (call_sid) DO UPDATE SET score = excluded.score, issue = excluded.issue, updated_at = excluded.updated_at
    `);
    this.#find = database.prepare('SELECT * FROM feedback WHERE account_sid = ? AND call_sid = ?');
    this.#forget = database.prepare(`
      DELETE FROM feedback WHERE rowid IN (SELECT rowid FROM feedback ORDER BY rowid LIMIT ?) AND updated_at < ?
    `);
  }

  save(said: Omit<FeedbackRecord, 'createdAtMs' | 'updatedAtMs'>, atMs: number): void {
    this.#turn.join();
    this.#save.run(said.callSid, said.accountSid, said.score, said.issue, atMs, atMs);
  }

  find(accountSid: string, callSid: string): FeedbackRecord | undefined {
    const row = this.#find.get(accountSid, callSid);
    return row === undefined ? undefined : read(row);
  }

  forgetBefore(beforeMs: number, limit: number): number {
    this.#turn.join();
    return Number(this.#forget.run(limit, beforeMs).changes);
  }
}

function read(row: Row): FeedbackRecord {
  return {
    callSid: text(row, 'call_sid'),
    accountSid: text(row, 'account_sid'),
    score: number(row, 'score'),
    issue: textOrNull(row, 'issue'),
    createdAtMs: number(row, 'created_at'),
    updatedAtMs: number(row, 'updated_at'),
  };
}
