import { DatabaseSync } from 'node:sqlite';

/**
 * Holds this file until the lock is disposed of or the process ends, or throws `complaint`. The lock is the operating
 * system's, through SQLite: it goes with the process, however that ends, so that there is never a stale one to be told
 * from one that is held.
 */
export function lockFile(path: string, complaint: string): Disposable {
  const lock = new DatabaseSync(path);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new Error(complaint, { cause: error });
  }
  return { [Symbol.dispose]: () => lock.close() };
}
