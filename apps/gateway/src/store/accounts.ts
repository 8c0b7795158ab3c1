import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { WebhookAccount } from '../out/webhook-account.ts';
import { number, numberOrNull, text, textOrNull, type Row } from './row.ts';
import { newSid } from './sid.ts';
import type { Turn } from './turn.ts';

/** An account as it is kept. */
export interface AccountRecord extends WebhookAccount {
  readonly friendlyName: string;
  readonly createdAtMs: number;
}

/** How long a replaced webhook secret goes on signing beside the new one (D23). */
export const WEBHOOK_SECRET_OVERLAP_MS = 24 * 3_600_000;

/** The accounts. Their token and secrets are kept as they are, because we sign with them. */
export class Accounts {
  readonly #turn: Turn;
  readonly #nowMs: () => number;
  readonly #insert;
  readonly #find;
  readonly #list;
  readonly #rotate;
  /** Read for every webhook, changed almost never. */
  readonly #bySid = new Map<string, Row>();

  constructor(database: DatabaseSync, turn: Turn, nowMs: () => number) {
    this.#turn = turn;
    this.#nowMs = nowMs;
    this.#insert = database.prepare(`
      INSERT INTO accounts (sid, friendly_name, auth_token, webhook_secret, created_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (sid) DO UPDATE SET friendly_name = excluded.friendly_name, auth_token = excluded.auth_token
    `);
    this.#find = database.prepare('SELECT * FROM accounts WHERE sid = ?');
    this.#list = database.prepare('SELECT * FROM accounts ORDER BY rowid');
    this.#rotate = database.prepare(`
      UPDATE accounts
      SET previous_webhook_secret = webhook_secret, previous_valid_until = ?, webhook_secret = ? WHERE sid = ?
    `);
  }

  /** Makes an account, or gives the one with this sid its new name and token. */
  save(account: {
    readonly sid?: string;
    readonly friendlyName: string;
    readonly authToken?: string;
  }): AccountRecord {
    const sid = account.sid ?? newSid('AC');
    const authToken = account.authToken ?? this.find(sid)?.authToken ?? randomBytes(16).toString('hex');
    this.#turn.join();
    this.#insert.run(sid, account.friendlyName, authToken, newWebhookSecret(), this.#nowMs());
    this.#bySid.delete(sid);
    const saved = this.find(sid);
    if (saved === undefined) throw new Error('an account that was written is not there');
    return saved;
  }

  find(sid: string): AccountRecord | undefined {
    const row = this.#bySid.get(sid) ?? this.#find.get(sid);
    if (row === undefined) return undefined;
    this.#bySid.set(sid, row);
    return this.#read(row);
  }

  list(): readonly AccountRecord[] {
    return this.#list.all().map((row) => this.#read(row));
  }

  /** Begins to sign with a new secret, which is answered; the old one stays valid beside it for a day. */
  rotateWebhookSecret(sid: string): string {
    const secret = newWebhookSecret();
    this.#turn.join();
    this.#rotate.run(this.#nowMs() + WEBHOOK_SECRET_OVERLAP_MS, secret, sid);
    this.#bySid.delete(sid);
    return secret;
  }

  #read(row: Row): AccountRecord {
    const previous = textOrNull(row, 'previous_webhook_secret');
    const isPreviousValid =
      previous !== null && this.#nowMs() < (numberOrNull(row, 'previous_valid_until') ?? 0);
    const current = text(row, 'webhook_secret');
    return {
      sid: text(row, 'sid'),
      friendlyName: text(row, 'friendly_name'),
      authToken: text(row, 'auth_token'),
      webhookSecrets: isPreviousValid ? [current, previous] : [current],
      createdAtMs: number(row, 'created_at'),
    };
  }
}

function newWebhookSecret(): string {
  return `whsec_${randomBytes(24).toString('base64')}`;
}
