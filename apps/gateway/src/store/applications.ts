import type { DatabaseSync } from 'node:sqlite';
import { number, text, type Row } from './row.ts';
import { newSid } from './sid.ts';
import type { Turn } from './turn.ts';
import { readVoiceSettings, type VoiceSettings } from './voice-settings.ts';

/** An application: a name for the address its documents come from. */
export interface ApplicationRecord extends VoiceSettings {
  readonly sid: string;
  readonly accountSid: string;
  readonly friendlyName: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What is given to make or change one; what is left out stays, or begins as POST and no URL. */
export type ApplicationChange = { readonly friendlyName?: string } & Partial<VoiceSettings>;

/** The applications of all accounts. */
export class Applications {
  readonly #turn: Turn;
  readonly #nowMs: () => number;
  readonly #write;
  readonly #find;
  readonly #findByName;
  readonly #list;
  readonly #count;
  readonly #remove;

  constructor(database: DatabaseSync, turn: Turn, nowMs: () => number) {
    this.#turn = turn;
    this.#nowMs = nowMs;
    this.#write = database.prepare(`
      INSERT INTO applications (sid, account_sid, friendly_name, voice_url, voice_method,
        voice_fallback_url, voice_fallback_method, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (sid) DO UPDATE SET friendly_name = excluded.friendly_name, voice_url = excluded.voice_url,
        voice_method = excluded.voice_method, voice_fallback_url = excluded.voice_fallback_url,
        voice_fallback_method = excluded.voice_fallback_method, updated_at = excluded.updated_at
    `);
    this.#find = database.prepare('SELECT * FROM applications WHERE account_sid = ? AND sid = ?');
    this.#findByName = database.prepare(`
      SELECT * FROM applications WHERE account_sid = ? AND friendly_name = ? ORDER BY rowid LIMIT 1
    `);
    this.#list = database.prepare(`
      SELECT * FROM applications WHERE account_sid = ? ORDER BY rowid LIMIT ? OFFSET ?
    `);
    this.#count = database.prepare('SELECT count(*) AS total FROM applications WHERE account_sid = ?');
    this.#remove = database.prepare('DELETE FROM applications WHERE account_sid = ? AND sid = ?');
  }

  create(accountSid: string, change: ApplicationChange, sid: string = newSid('AP')): ApplicationRecord {
    const nowMs = this.#nowMs();
    const fresh: ApplicationRecord = {
      sid,
      accountSid,
      friendlyName: '',
      voiceUrl: null,
      voiceMethod: 'POST',
      voiceFallbackUrl: null,
      voiceFallbackMethod: 'POST',
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    return this.#save({ ...fresh, ...change });
  }

  update(accountSid: string, sid: string, change: ApplicationChange): ApplicationRecord | undefined {
    const before = this.find(accountSid, sid);
    return before === undefined
      ? undefined
      : this.#save({ ...before, ...change, updatedAtMs: this.#nowMs() });
  }

  find(accountSid: string, sid: string): ApplicationRecord | undefined {
    const row = this.#find.get(accountSid, sid);
    return row === undefined ? undefined : read(row);
  }

  /** The one with this name, compared exactly; the oldest where several have it. */
  findByName(accountSid: string, friendlyName: string): ApplicationRecord | undefined {
    const row = this.#findByName.get(accountSid, friendlyName);
    return row === undefined ? undefined : read(row);
  }

  list(
    accountSid: string,
    page: { readonly offset: number; readonly limit: number },
  ): { readonly applications: readonly ApplicationRecord[]; readonly total: number } {
    return {
      applications: this.#list.all(accountSid, page.limit, page.offset).map(read),
      total: Number(this.#count.get(accountSid)?.['total']),
    };
  }

  remove(accountSid: string, sid: string): boolean {
    this.#turn.join();
    return this.#remove.run(accountSid, sid).changes === 1;
  }

  #save(record: ApplicationRecord): ApplicationRecord {
    this.#turn.join();
    this.#write.run(
      record.sid,
      record.accountSid,
      record.friendlyName,
      record.voiceUrl,
      record.voiceMethod,
      record.voiceFallbackUrl,
      record.voiceFallbackMethod,
      record.createdAtMs,
      record.updatedAtMs,
    );
    return record;
  }
}

function read(row: Row): ApplicationRecord {
  return {
    sid: text(row, 'sid'),
    accountSid: text(row, 'account_sid'),
    friendlyName: text(row, 'friendly_name'),
    ...readVoiceSettings(row),
    createdAtMs: number(row, 'created_at'),
    updatedAtMs: number(row, 'updated_at'),
  };
}
