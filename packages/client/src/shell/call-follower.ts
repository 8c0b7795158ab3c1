import type { DeviceSnapshot, ReadableStore } from '../api.ts';

/** Hears of every change of every call of a device. */
export class CallFollower {
  readonly #store: ReadableStore<DeviceSnapshot>;
  readonly #onChange: () => void;
  readonly #stops = new Map<unknown, () => void>();

  constructor(store: ReadableStore<DeviceSnapshot>, onChange: () => void) {
    this.#store = store;
    this.#onChange = onChange;
    this.#stops.set(
      store,
      store.subscribe(() => this.#look()),
    );
    this.#look();
  }

  #look(): void {
    const { calls } = this.#store.getSnapshot();
    for (const { store } of calls)
      if (!this.#stops.has(store)) this.#stops.set(store, store.subscribe(this.#onChange));
    for (const [followed, stop] of this.#stops) {
      if (followed === this.#store || calls.some(({ store }) => store === followed)) continue;
      stop();
      this.#stops.delete(followed);
    }
    this.#onChange();
  }

  close(): void {
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
  }
}
