import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { number, text, type Row } from './row.ts';
import { newSid } from './sid.ts';
import type { Turn } from './turn.ts';

/** A key that token servers sign with. */
export interface ApiKeyRecord {
  readonly sid: string;
  readonly accountSid: string;
  readonly friendlyName: string;
  /** Kept as it is, because tokens are verified with it. */
  readonly secret: string;
  readonly createdAtMs: number;
}

/** The API keys of all accounts. */
export class ApiKeys {
  readonly #turn: Turn;
  readonly #nowMs: () => number;
  readonly #insert;
  readonly #find;
  readonly #list;
  readonly #remove;

  constructor(database: DatabaseSync, turn: Turn, nowMs: () => number) {
    this.#turn = turn;
    this.#nowMs = nowMs;
    this.#insert = database.prepare(`
      INSERT INTO api_keys (sid, account_sid, friendly_name, secret, created_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (sid) DO UPDATE SET friendly_name = excluded.friendly_name, secret = excluded.secret
      WHERE account_sid = excluded.account_sid
    `);
    this.#find = database.prepare('SELECT * FROM api_keys WHERE sid = ?');
    this.#list = database.prepare('SELECT * FROM api_keys WHERE account_sid = ? ORDER BY rowid');
    this.#remove = database.prepare('DELETE FROM api_keys WHERE account_sid = ? AND sid = ?');
  }

  /** Makes a key, or gives the one with this sid a new name and secret. */
  save(key: {
    readonly accountSid: string;
    readonly friendlyName: string;
    readonly sid?: string;
    readonly secret?: string;
  }): ApiKeyRecord {
    const sid = key.sid ?? newSid('SK');
    const secret = key.secret ?? randomBytes(24).toString('base64url');
    this.#turn.join();
    this.#insert.run(sid, key.accountSid, key.friendlyName, secret, this.#nowMs());
    const saved = this.find(sid);
    if (saved?.accountSid !== key.accountSid)
      throw new Error(`The API key ${sid} belongs to another account.`);
    return saved;
  }

  find(sid: string): ApiKeyRecord | undefined {
    const row = this.#find.get(sid);
    return row === undefined ? undefined : read(row);
  }

  list(accountSid: string): readonly ApiKeyRecord[] {
    return this.#list.all(accountSid).map(read);
  }

  remove(accountSid: string, sid: string): boolean {
    this.#turn.join();
    return this.#remove.run(accountSid, sid).changes === 1;
  }
}

function read(row: Row): ApiKeyRecord {
  return {
    sid: text(row, 'sid'),
    accountSid: text(row, 'account_sid'),
    friendlyName: text(row, 'friendly_name'),
    secret: text(row, 'secret'),
    createdAtMs: number(row, 'created_at'),
  };
}
