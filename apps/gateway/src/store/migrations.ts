import type { DatabaseSync } from 'node:sqlite';

/** One step of the schema. A step that was released is never changed; what comes later is a new one. */
interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'accounts, keys, applications and clients',
    sql: `
      CREATE TABLE accounts (
        sid TEXT PRIMARY KEY,
        friendly_name TEXT NOT NULL,
        auth_token TEXT NOT NULL,
        webhook_secret TEXT NOT NULL,
        previous_webhook_secret TEXT,
        previous_valid_until INTEGER,
        created_at INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE api_keys (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts(sid) ON DELETE CASCADE,
        friendly_name TEXT NOT NULL,
        secret TEXT NOT NULL,
        created_at INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE applications (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts(sid) ON DELETE CASCADE,
        friendly_name TEXT NOT NULL,
        voice_url TEXT,
        voice_method TEXT NOT NULL,
        voice_fallback_url TEXT,
        voice_fallback_method TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX applications_by_name ON applications(account_sid, friendly_name);
      CREATE TABLE clients (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts(sid) ON DELETE CASCADE,
        login TEXT NOT NULL,
        friendly_name TEXT NOT NULL,
        password_hash TEXT,
        is_enabled INTEGER NOT NULL,
        voice_url TEXT,
        voice_method TEXT NOT NULL,
        voice_fallback_url TEXT,
        voice_fallback_method TEXT NOT NULL,
        application_sid TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (account_sid, login)
      ) STRICT;
    `,
  },
  {
    number: 2,
    name: 'calls, recordings and notifications',
    sql: `
      CREATE TABLE calls (
        id INTEGER PRIMARY KEY,
        sid TEXT NOT NULL UNIQUE,
        account_sid TEXT NOT NULL,
        parent_sid TEXT,
        application_sid TEXT,
        from_party TEXT NOT NULL,
        to_party TEXT NOT NULL,
        direction TEXT NOT NULL,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        answered_at INTEGER,
        ended_at INTEGER,
        duration INTEGER,
        end_reason TEXT,
        annotations TEXT,
        callback TEXT
      ) STRICT;
      CREATE INDEX calls_by_account ON calls(account_sid, id);
      CREATE INDEX calls_by_parent ON calls(parent_sid) WHERE parent_sid IS NOT NULL;
      CREATE INDEX calls_open ON calls(id) WHERE ended_at IS NULL;
      CREATE TABLE recordings (
        id INTEGER PRIMARY KEY,
        sid TEXT NOT NULL UNIQUE,
        account_sid TEXT NOT NULL,
        call_sid TEXT NOT NULL,
        status TEXT NOT NULL,
        source TEXT NOT NULL,
        media TEXT NOT NULL,
        channels INTEGER NOT NULL,
        file_path TEXT,
        bytes INTEGER,
        duration INTEGER,
        error_code INTEGER,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX recordings_by_call ON recordings(call_sid);
      CREATE TABLE notifications (
        id INTEGER PRIMARY KEY,
        sid TEXT NOT NULL UNIQUE,
        account_sid TEXT NOT NULL,
        call_sid TEXT,
        severity TEXT NOT NULL,
        code INTEGER NOT NULL,
        message TEXT NOT NULL,
        line INTEGER,
        column_number INTEGER,
        request_url TEXT,
        request_method TEXT,
        request_params TEXT,
        response_status INTEGER,
        response_headers TEXT,
        response_body TEXT,
        at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX notifications_by_call ON notifications(call_sid) WHERE call_sid IS NOT NULL;
      CREATE INDEX notifications_by_account ON notifications(account_sid, id);
    `,
  },
  {
    number: 3,
    name: 'callbacks on their way, and signs of life',
    sql: `
      CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        account_sid TEXT NOT NULL,
        stream TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        origin TEXT NOT NULL,
        url TEXT NOT NULL,
        method TEXT NOT NULL,
        params TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        finished_at INTEGER,
        last_status INTEGER,
        last_error TEXT,
        UNIQUE (stream, sequence)
      ) STRICT;
      CREATE INDEX outbox_pending ON outbox(origin, id) WHERE state = 'pending';
      CREATE INDEX outbox_finished ON outbox(state, finished_at) WHERE state <> 'pending';
      CREATE TABLE life (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        seen_at INTEGER NOT NULL
      ) STRICT;
    `,
  },
  {
    number: 4,
    name: 'conferences',
    sql: `
      CREATE TABLE conferences (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL,
        friendly_name TEXT NOT NULL,
        status TEXT NOT NULL,
        end_reason TEXT,
        ended_by TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX conferences_by_account ON conferences(account_sid, status);
      CREATE INDEX conferences_open ON conferences(status) WHERE status <> 'completed';
    `,
  },
  {
    number: 5,
    name: 'recordings of calls and conferences, and who hears of them',
    sql: `
      ALTER TABLE recordings ADD COLUMN conference_sid TEXT;
      ALTER TABLE recordings ADD COLUMN track TEXT NOT NULL DEFAULT 'both';
      ALTER TABLE recordings ADD COLUMN subscription TEXT;
      CREATE INDEX recordings_by_account ON recordings(account_sid, id);
      CREATE INDEX recordings_by_age ON recordings(created_at);
      CREATE INDEX recordings_by_conference ON recordings(conference_sid) WHERE conference_sid IS NOT NULL;
      CREATE INDEX recordings_open ON recordings(id) WHERE status IN ('in-progress', 'paused');
    `,
  },
  {
    number: 6,
    name: 'what people think of calls, and under which trace callbacks go out',
    sql: `
      CREATE TABLE feedback (
        call_sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL,
        score INTEGER NOT NULL,
        issue TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
      ) STRICT;
      ALTER TABLE outbox ADD COLUMN traceparent TEXT;
    `,
  },
  {
    number: 7,
    name: 'where people are reached whose pages are closed',
    sql: `
      CREATE TABLE push_addresses (
        endpoint TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL,
        identity TEXT NOT NULL,
        p256dh TEXT NOT NULL,
        auth TEXT NOT NULL,
        saved_at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX push_addresses_by_identity ON push_addresses(account_sid, identity);
      CREATE TABLE push_keys (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        public_key TEXT NOT NULL,
        private_key TEXT NOT NULL
      ) STRICT;
    `,
  },
];

/** Brings the schema up to date. Refuses a store that a later version has written. */
export function migrate(database: DatabaseSync, nowMs: number): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT
  `);
  const newest = Number(
    database.prepare('SELECT coalesce(max(number), 0) AS newest FROM migrations').get()?.['newest'],
  );
  const known = migrations.at(-1)?.number ?? 0;
  if (newest > known) {
    throw new Error(`The store was written by a later version (schema ${newest}, this one knows ${known}).`);
  }
  const record = database.prepare('INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)');
  for (const migration of migrations) {
    if (migration.number <= newest) continue;
    database.exec('BEGIN');
    try {
      database.exec(migration.sql);
      record.run(migration.number, migration.name, nowMs);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}
