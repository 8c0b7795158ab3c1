/** Events by their names, as Node's emitter has them: what applications that come from elsewhere call. */
export class Listeners<Events extends { readonly [Name in keyof Events]: readonly unknown[] }> {
  #entries: readonly { readonly name: keyof Events; readonly listener: unknown; readonly isOnce: boolean }[] =
    [];

  on<Name extends keyof Events>(name: Name, listener: (...payload: Events[Name]) => void): this {
    this.#entries = [...this.#entries, { name, listener, isOnce: false }];
    this.listenersChanged();
    return this;
  }

  addListener<Name extends keyof Events>(name: Name, listener: (...payload: Events[Name]) => void): this {
    return this.on(name, listener);
  }

  once<Name extends keyof Events>(name: Name, listener: (...payload: Events[Name]) => void): this {
    this.#entries = [...this.#entries, { name, listener, isOnce: true }];
    this.listenersChanged();
    return this;
  }

  off<Name extends keyof Events>(name: Name, listener: (...payload: Events[Name]) => void): this {
    const index = this.#entries.findLastIndex((entry) => entry.name === name && entry.listener === listener);
    if (index >= 0) this.#entries = this.#entries.filter((_, at) => at !== index);
    this.listenersChanged();
    return this;
  }

  removeListener<Name extends keyof Events>(name: Name, listener: (...payload: Events[Name]) => void): this {
    return this.off(name, listener);
  }

  removeAllListeners(name?: keyof Events): this {
    this.#entries = name === undefined ? [] : this.#entries.filter((entry) => entry.name !== name);
    this.listenersChanged();
    return this;
  }

  listenerCount(name: keyof Events): number {
    return this.#entries.filter((entry) => entry.name === name).length;
  }

  /** For those who only do something while somebody listens. */
  protected listenersChanged(): void {
    // Nothing, for all others.
  }

  /** Tells everybody, also those who stop listening meanwhile, as Node's emitter does; whether anybody listened. */
  emit<Name extends keyof Events>(name: Name, ...payload: Events[Name]): boolean {
    const heard = this.#entries.filter((entry) => entry.name === name);
    this.#entries = this.#entries.filter((entry) => !heard.includes(entry) || !entry.isOnce);
    for (const { listener } of heard) {
      try {
        (listener as (...values: readonly unknown[]) => void)(...payload);
      } catch (thrown) {
        // Reported as any error that nobody catches; the others still hear.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
    return heard.length > 0;
  }
}
