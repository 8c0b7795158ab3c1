import { DatabaseSync } from 'node:sqlite';

/**
 * Keeps a second process from opening the same store, which would take the running calls of the first for ones that a
 * crash cut short. The lock is the operating system's: it goes with the process, however that ends.
 */
export function lockStore(path: string): Disposable {
  const lock = new DatabaseSync(`${path}.lock`);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new Error(`Another process has the store ${path} open. One gateway needs one store.`, {
      cause: error,
    });
  }
  return { [Symbol.dispose]: () => lock.close() };
}
