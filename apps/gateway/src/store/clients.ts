import type { DatabaseSync } from 'node:sqlite';
import { number, text, textOrNull, type Row } from './row.ts';
import { newSid } from './sid.ts';
import type { Turn } from './turn.ts';
import { readVoiceSettings, type VoiceSettings } from './voice-settings.ts';

/** Somebody who may register under a name. */
export interface ClientRecord extends VoiceSettings {
  readonly sid: string;
  readonly accountSid: string;
  /** The name, unique in the account and compared exactly. */
  readonly login: string;
  readonly friendlyName: string;
  /** Made by `hashPassword`; null without a password. Never shown. */
  readonly passwordHash: string | null;
  readonly isEnabled: boolean;
  readonly applicationSid: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What may be changed of a client; what is left out stays. */
export type ClientChange = Partial<
  Pick<ClientRecord, 'friendlyName' | 'passwordHash' | 'isEnabled' | 'applicationSid'> & VoiceSettings
>;

/** The clients of all accounts. */
export class Clients {
  readonly #turn: Turn;
  readonly #nowMs: () => number;
  readonly #insert;
  readonly #update;
  readonly #find;
  readonly #findByLogin;
  readonly #list;
  readonly #count;
  readonly #remove;

  constructor(database: DatabaseSync, turn: Turn, nowMs: () => number) {
    this.#turn = turn;
    this.#nowMs = nowMs;
    this.#insert = database.prepare(`
      INSERT INTO clients (friendly_name, password_hash, is_enabled, voice_url, voice_method, voice_fallback_url,
        voice_fallback_method, application_sid, updated_at, sid, account_sid, login, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_sid, login) DO NOTHING
    `);
    this.#update = database.prepare(`
      UPDATE clients SET friendly_name = ?, password_hash = ?, is_enabled = ?, voice_url = ?, voice_method = ?,
        voice_fallback_url = ?, voice_fallback_method = ?, application_sid = ?, updated_at = ? WHERE sid = ?
    `);
    this.#find = database.prepare('SELECT * FROM clients WHERE account_sid = ? AND sid = ?');
    this.#findByLogin = database.prepare('SELECT * FROM clients WHERE account_sid = ? AND login = ?');
    this.#list = database.prepare(`
      SELECT * FROM clients WHERE account_sid = ? ORDER BY rowid LIMIT ? OFFSET ?
    `);
    this.#count = database.prepare('SELECT count(*) AS total FROM clients WHERE account_sid = ?');
    this.#remove = database.prepare('DELETE FROM clients WHERE account_sid = ? AND sid = ?');
  }

  /** Makes a client; the one that already has the login is answered unchanged. */
  create(
    accountSid: string,
    login: string,
    change: ClientChange = {},
  ): { client: ClientRecord; isNew: boolean } {
    const nowMs = this.#nowMs();
    const client: ClientRecord = {
      sid: newSid('CL'),
      accountSid,
      login,
      friendlyName: login,
      passwordHash: null,
      isEnabled: true,
      voiceUrl: null,
      voiceMethod: 'POST',
      voiceFallbackUrl: null,
      voiceFallbackMethod: 'POST',
      applicationSid: null,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      ...change,
    };
    this.#turn.join();
    const isNew = this.#insert.run(...changeable(client), client.sid, accountSid, login, nowMs).changes === 1;
    return { client: (isNew ? undefined : this.findByLogin(accountSid, login)) ?? client, isNew };
  }

  update(accountSid: string, sid: string, change: ClientChange): ClientRecord | undefined {
    const before = this.find(accountSid, sid);
    if (before === undefined) return undefined;
    const client = { ...before, ...change, updatedAtMs: this.#nowMs() };
    this.#turn.join();
    this.#update.run(...changeable(client), sid);
    return client;
  }

  find(accountSid: string, sid: string): ClientRecord | undefined {
    const row = this.#find.get(accountSid, sid);
    return row === undefined ? undefined : read(row);
  }

  findByLogin(accountSid: string, login: string): ClientRecord | undefined {
    const row = this.#findByLogin.get(accountSid, login);
    return row === undefined ? undefined : read(row);
  }

  list(
    accountSid: string,
    page: { readonly offset: number; readonly limit: number },
  ): { readonly clients: readonly ClientRecord[]; readonly total: number } {
    return {
      clients: this.#list.all(accountSid, page.limit, page.offset).map(read),
      total: Number(this.#count.get(accountSid)?.['total']),
    };
  }

  remove(accountSid: string, sid: string): boolean {
    this.#turn.join();
    return this.#remove.run(accountSid, sid).changes === 1;
  }
}

function changeable(client: ClientRecord) {
  return [
    client.friendlyName,
    client.passwordHash,
    client.isEnabled ? 1 : 0,
    client.voiceUrl,
    client.voiceMethod,
    client.voiceFallbackUrl,
    client.voiceFallbackMethod,
    client.applicationSid,
    client.updatedAtMs,
  ] as const;
}

function read(row: Row): ClientRecord {
  return {
    sid: text(row, 'sid'),
    accountSid: text(row, 'account_sid'),
    login: text(row, 'login'),
    friendlyName: text(row, 'friendly_name'),
    passwordHash: textOrNull(row, 'password_hash'),
    isEnabled: number(row, 'is_enabled') === 1,
    ...readVoiceSettings(row),
    applicationSid: textOrNull(row, 'application_sid'),
    createdAtMs: number(row, 'created_at'),
    updatedAtMs: number(row, 'updated_at'),
  };
}
