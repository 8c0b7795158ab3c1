import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Accounts } from './accounts.ts';
import { ApiKeys } from './api-keys.ts';
import { Applications } from './applications.ts';
import { Calls, type CallRecord } from './calls.ts';
import { startCheckpointer } from './checkpointer.ts';
import { Clients } from './clients.ts';
import { ConferenceTable } from './conferences.ts';
import { closeInterruptedCalls } from './interrupted-calls.ts';
import { Feedback } from './feedback.ts';
import { lockFile } from './file-lock.ts';
import { migrate } from './migrations.ts';
import { NotificationTable } from './notification-table.ts';
import { OutboxTable } from './outbox-table.ts';
import { PushAddresses } from './push-addresses.ts';
import { Recordings } from './recordings.ts';
import { Turn } from './turn.ts';

/** What may be said about a store when it is opened. */
export interface StoreOptions {
  readonly nowMs?: () => number;
  /** Told when a transaction could not be committed: what its turn wrote is lost. */
  readonly onFailure?: (error: unknown) => void;
  /** How many notifications are kept. */
  readonly notificationsMax?: number;
  /** How often a sign of life is written. After a crash, no duration is wrong by more. */
  readonly signOfLifeEveryMs?: number;
}

/** Everything that survives a restart. */
export interface Store extends AsyncDisposable {
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
  readonly applications: Applications;
  readonly clients: Clients;
  readonly calls: Calls;
  readonly conferences: ConferenceTable;
  readonly recordings: Recordings;
  readonly feedback: Feedback;
  readonly notifications: NotificationTable;
  readonly outbox: OutboxTable;
  readonly pushAddresses: PushAddresses;
  /** Legs that a crash had cut short, as they were; they have been closed. */
  readonly interrupted: readonly CallRecord[];
  /** Groups the writes of one turn of the event loop; `settled` tells when they are committed. */
  readonly turn: Turn;
  /** Resolves when what was written so far is committed. Rejects when it was lost. */
  committed(): Promise<void>;
  /** Commits at once, then closes the file. */
  close(): Promise<void>;
}

const SIGN_OF_LIFE_EVERY_MS = 5000;
const NOTIFICATIONS_MAX = 100_000;

/**
 * Opens a store and brings it up to date, or throws. `:memory:` is one that is forgotten.
 *
 * What is written in one turn of the event loop is one transaction. A crash of the process loses at most the turn it
 * died in; a loss of power may lose the last seconds, always from the end, never from the middle.
 */
export function openStore(path: string, options: StoreOptions = {}): Store {
  const { nowMs = Date.now, onFailure = raise } = options;
  using opened = new DisposableStack();
  const lock = path === ':memory:' ? undefined : opened.use(lockStore(path));
  if (lock !== undefined) keepToOwner(path);
  const database = opened.adopt(new DatabaseSync(path), (it) => it.close());
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA busy_timeout = 1000;
    PRAGMA foreign_keys = ON;
    PRAGMA cache_size = -65536;
    PRAGMA wal_autocheckpoint = 8192;
  `);
  migrate(database, nowMs());

  const turn = new Turn(database, onFailure);
  const calls = new Calls(database, turn);
  const outbox = new OutboxTable(database, turn);
  const lastSeenMs = Number(database.prepare('SELECT seen_at FROM life').get()?.['seen_at'] ?? 0);
  const conferences = new ConferenceTable(database, turn);
  conferences.closeInterrupted(lastSeenMs);
  const interrupted = closeInterruptedCalls({ calls, outbox, lastSeenMs, nowMs: nowMs() });

  const live = database.prepare('INSERT OR REPLACE INTO life (one, seen_at) VALUES (1, ?)');
  const giveSignOfLife = (): void => {
    turn.join();
    live.run(nowMs());
  };
  giveSignOfLife();
  turn.flush();
  const signsOfLife = setInterval(giveSignOfLife, options.signOfLifeEveryMs ?? SIGN_OF_LIFE_EVERY_MS);
  signsOfLife.unref();

  const resources = opened.move();
  const checkpointer = lock === undefined ? undefined : startCheckpointer(path);
  let closed: Promise<void> | undefined;
  const closeOnce = async (): Promise<void> => {
    clearInterval(signsOfLife);
    turn.flush();
    await checkpointer?.[Symbol.asyncDispose]();
    turn.flush();
    resources.dispose();
  };
  const close = (): Promise<void> => (closed ??= closeOnce());
  return {
    accounts: new Accounts(database, turn, nowMs),
    apiKeys: new ApiKeys(database, turn, nowMs),
    applications: new Applications(database, turn, nowMs),
    clients: new Clients(database, turn, nowMs),
    calls,
    conferences,
    recordings: new Recordings(database, turn),
    feedback: new Feedback(database, turn),
    notifications: new NotificationTable(database, turn, options.notificationsMax ?? NOTIFICATIONS_MAX),
    outbox,
    pushAddresses: new PushAddresses(database, turn),
    interrupted,
    turn,
    committed: () =>
      new Promise((resolve, reject) =>
        turn.settled(resolve, () => reject(new Error('the transaction was lost'))),
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A second process would take the running calls of the first for ones that a crash cut short. */
function lockStore(path: string): Disposable {
  return lockFile(`${path}.lock`, `Another process has the store ${path} open. One gateway needs one store.`);
}

/** The file holds tokens and secrets. SQLite gives the files beside it the same mode. */
function keepToOwner(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

function raise(error: unknown): never {
  throw error;
}
