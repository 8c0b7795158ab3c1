import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * Gathers what is written during one turn of the event loop into one transaction, so that a burst of calls costs one
 * commit instead of thousands, and so that a change of state and what it causes are kept together or not at all.
 *
 *           first write                   the turn ends
 *   closed ─────────────► open (writes) ────────────────► committed, and those who wait are told
 */
export class Turn {
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #onFailure: (error: unknown) => void;
  #isOpen = false;
  #waiting: Waiter[] = [];
  #commits = 0;

  constructor(database: DatabaseSync, onFailure: (error: unknown) => void) {
    this.#database = database;
    this.#onFailure = onFailure;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
  }

  /** How many transactions were committed. */
  get commits(): number {
    return this.#commits;
  }

  /** To be called before every write. */
  join(): void {
    if (this.#isOpen) return;
    this.#begin.run();
    this.#isOpen = true;
    // The check phase comes after everything the sockets had for us in this turn.
    setImmediate(() => this.flush());
  }

  /** Tells when what was written so far is committed, or that it was lost; at once when nothing is open. */
  settled(onCommitted: () => void, onLost: () => void = ignore): void {
    if (this.#isOpen) this.#waiting.push({ onCommitted, onLost });
    else onCommitted();
  }

  /** Commits now what this turn has written so far. */
  flush(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      this.#commit.run();
      this.#commits += 1;
    } catch (error) {
      this.#rollBack();
      for (const waiter of waiting) waiter.onLost();
      this.#onFailure(error);
      return;
    }
    for (const waiter of waiting) waiter.onCommitted();
  }

  #rollBack(): void {
    // SQLite has already rolled back where the disk was full or failed.
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }
}

interface Waiter {
  readonly onCommitted: () => void;
  readonly onLost: () => void;
}

function ignore(): void {}
