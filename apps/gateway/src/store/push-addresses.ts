import type { DatabaseSync } from 'node:sqlite';
import { text, type Row } from './row.ts';
import type { Turn } from './turn.ts';

/** Where a device can be reached that has no page open, and what is encrypted with: a browser's `PushSubscription`. */
export interface PushAddress {
  readonly accountSid: string;
  readonly identity: string;
  /** At the push service of the browser; names the device. */
  readonly endpoint: string;
  /** P-256, base64url (RFC 8291 §3.1). */
  readonly p256dh: string;
  /** 16 bytes, base64url. */
  readonly auth: string;
}

/** The gateway's own keys, by which push services know it (RFC 8292). */
export interface PushKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** One row a device. Whoever signs in on it last is reached there. */
export class PushAddresses {
  readonly #turn: Turn;
  readonly #save;
  readonly #trim;
  readonly #of;
  readonly #remove;
  readonly #keys;
  readonly #saveKeys;

  constructor(database: DatabaseSync, turn: Turn) {
    this.#turn = turn;
    this.#save = database.prepare(`
      INSERT INTO push_addresses (endpoint, account_sid, identity, p256dh, auth, saved_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (endpoint) DO UPDATE SET account_sid = excluded.account_sid, identity = excluded.identity,
        p256dh = excluded.p256dh, auth = excluded.auth, saved_at = excluded.saved_at
    `);
    this.#trim = database.prepare(`
      DELETE FROM push_addresses WHERE endpoint IN (
        SELECT endpoint FROM push_addresses WHERE account_sid = ? AND identity = ?
        ORDER BY saved_at DESC, endpoint LIMIT -1 OFFSET ?
      )
    `);
    this.#of = database.prepare('SELECT * FROM push_addresses WHERE account_sid = ? AND identity = ?');
    this.#remove = database.prepare(
      'DELETE FROM push_addresses WHERE account_sid = ? AND identity = ? AND endpoint = ?',
    );
    this.#keys = database.prepare('SELECT public_key, private_key FROM push_keys');
    this.#saveKeys = database.prepare(
      'INSERT INTO push_keys (one, public_key, private_key) VALUES (1, ?, ?)',
    );
  }

  /** Beyond `max` devices of one person, those are forgotten that were saved longest ago. */
  save({ accountSid, identity, endpoint, p256dh, auth }: PushAddress, atMs: number, max: number): void {
    this.#turn.join();
    this.#save.run(endpoint, accountSid, identity, p256dh, auth, atMs);
    this.#trim.run(accountSid, identity, max);
  }

  of(accountSid: string, identity: string): readonly PushAddress[] {
    return this.#of.all(accountSid, identity).map(read);
  }

  /** Returns whether there was one. */
  remove({
    accountSid,
    identity,
    endpoint,
  }: Pick<PushAddress, 'accountSid' | 'identity' | 'endpoint'>): boolean {
    this.#turn.join();
    return this.#remove.run(accountSid, identity, endpoint).changes > 0;
  }

  /** The keys of this gateway, made when they are first needed: browsers subscribe to them, so they never change. */
  keys(make: () => PushKeys): PushKeys {
    const row = this.#keys.get();
    if (row !== undefined)
      return { publicKey: text(row, 'public_key'), privateKey: text(row, 'private_key') };
    const made = make();
    this.#turn.join();
    this.#saveKeys.run(made.publicKey, made.privateKey);
    return made;
  }
}

function read(row: Row): PushAddress {
  return {
    accountSid: text(row, 'account_sid'),
    identity: text(row, 'identity'),
    endpoint: text(row, 'endpoint'),
    p256dh: text(row, 'p256dh'),
    auth: text(row, 'auth'),
  };
}
