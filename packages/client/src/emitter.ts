/** Named events and what each one carries. */
export type EventMap<Events> = { readonly [Name in keyof Events]: readonly unknown[] };

/** Called with what the event carries. */
export type Listener<Payload extends readonly unknown[]> = (...payload: Payload) => void;

/** When a listener stops by itself. */
export interface ListenOptions {
  readonly signal?: AbortSignal;
}

/** What may be buffered between two turns of a `for await` loop before the oldest is dropped. */
const BUFFER_MAX = 256;

interface Entry {
  readonly name: unknown;
  /** What `off` is asked with. */
  readonly listener: unknown;
  readonly call: (payload: never) => void;
}

/**
 * Typed events in three equal styles: listeners, `using`, and `for await`. An unknown name does not compile. A
 * listener that throws is reported, and the others still hear.
 */
export class Listenable<Events extends EventMap<Events>> {
  #entries: readonly Entry[] = [];
  readonly #report: (thrown: unknown) => void;

  /** @internal */
  constructor(report: (thrown: unknown) => void) {
    this.#report = report;
  }

  /** Calls `listener` at every event of this name, until `off`, or until `signal` aborts. */
  on<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
    options: ListenOptions = {},
  ): this {
    this.#add(name, listener, listener, options);
    return this;
  }

  /** Calls `listener` at the next event of this name only; without one, resolves with what it carries. */
  once<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
    options?: ListenOptions,
  ): this;
  once<Name extends keyof Events>(name: Name, options?: ListenOptions): Promise<Events[Name]>;
  once<Name extends keyof Events>(
    name: Name,
    first: Listener<Events[Name]> | ListenOptions = {},
    options: ListenOptions = {},
  ): this | Promise<Events[Name]> {
    if (typeof first === 'function') {
      this.#addOnce(name, first, options);
      return this;
    }
    const { signal } = first;
    return new Promise((resolve, reject) => {
      const refuse = (): void => reject(signal?.reason as Error);
      if (signal?.aborted === true) return refuse();
      signal?.addEventListener('abort', refuse, { once: true });
      const heard = (...payload: Events[Name]): void => {
        signal?.removeEventListener('abort', refuse);
        resolve(payload);
      };
      this.#addOnce(name, heard, first);
    });
  }

  /** Stops a listener; one that does not listen is fine. */
  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    const first = this.#entries.find((entry) => entry.name === name && entry.listener === listener);
    this.#entries = this.#entries.filter((entry) => entry !== first);
    return this;
  }

  /** Listens for as long as the result lives: `using ringing = device.listen('incoming', ring)`. */
  listen<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Disposable & (() => void) {
    this.on(name, listener);
    const stop = (): void => void this.off(name, listener);
    return disposable(stop);
  }

  /** The events of this name, one after the other: `for await (const [call] of device.events('incoming'))`. */
  async *events<Name extends keyof Events>(
    name: Name,
    options: ListenOptions = {},
  ): AsyncGenerator<Events[Name], void> {
    const heard: Events[Name][] = [];
    let wake = (): void => undefined;
    const listener = (...payload: Events[Name]): void => {
      heard.push(payload);
      if (heard.length > BUFFER_MAX) heard.shift();
      wake();
    };
    const stop = this.listen(name, listener);
    const onAbort = (): void => wake();
    options.signal?.addEventListener('abort', onAbort);
    try {
      while (options.signal?.aborted !== true) {
        const next = heard.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      stop();
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** @internal */
  emit<Name extends keyof Events>(name: Name, ...payload: Events[Name]): void {
    // The list is replaced, never changed: as with an `EventTarget`, one that begins to listen meanwhile hears the next
    // event, and one that was stopped meanwhile hears nothing more.
    for (const entry of this.#entries) {
      if (entry.name !== name || !this.#entries.includes(entry)) continue;
      try {
        entry.call(payload as never);
      } catch (thrown) {
        this.#report(thrown);
      }
    }
  }

  #addOnce<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
    options: ListenOptions,
  ): void {
    const call = (...payload: Events[Name]): void => {
      this.off(name, listener);
      listener(...payload);
    };
    this.#add(name, listener, call, options);
  }

  #add<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
    heard: Listener<Events[Name]>,
    { signal }: ListenOptions,
  ): void {
    if (signal?.aborted === true) return;
    const call = (payload: Events[Name]): void => heard(...payload);
    this.#entries = [...this.#entries, { name, listener, call }];
    signal?.addEventListener('abort', () => this.off(name, listener), { once: true });
  }
}

/** A function that ends something, to be called or left to `using`. */
export function disposable(end: () => void): Disposable & (() => void) {
  return Object.assign(end, { [Symbol.dispose]: end });
}
