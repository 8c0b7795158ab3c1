import type { ReadableStore } from './api.ts';

/** The one place a snapshot is kept. Listeners hear after it has been replaced, never while. */
export class Store<Snapshot extends object> implements ReadableStore<Snapshot> {
  #snapshot: Snapshot;
  #listeners: readonly (() => void)[] = [];
  readonly #report: (thrown: unknown) => void;

  constructor(initial: Snapshot, report: (thrown: unknown) => void) {
    this.#snapshot = Object.freeze(initial);
    this.#report = report;
  }

  // Arrow functions, so that both may be handed to useSyncExternalStore as they are.
  readonly getSnapshot = (): Snapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    // A wrapper of its own, so that the same function may subscribe twice and stop once.
    const entry = (): void => listener();
    this.#listeners = [...this.#listeners, entry];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== entry);
    };
  };

  /** Replaces fields; tells nobody when nothing is different. Answers whether something was. */
  update(changes: Partial<Snapshot>): boolean {
    const before = this.#snapshot;
    const isDifferent = (Object.keys(changes) as (keyof Snapshot)[]).some(
      (key) => !Object.is(before[key], changes[key]),
    );
    if (!isDifferent) return false;
    this.#snapshot = Object.freeze({ ...before, ...changes });
    for (const listener of this.#listeners) {
      // One that has stopped meanwhile, in this very round, hears nothing more.
      if (!this.#listeners.includes(listener)) continue;
      try {
        listener();
      } catch (thrown) {
        this.#report(thrown);
      }
    }
    return true;
  }
}
