import { ClientError } from '../errors.ts';

/** Somebody who waits for something: hears that it is so, or why not. */
type Waiter = (error?: ClientError) => void;

/** Those who wait for one thing, each until it is so, until it will not be, or until their own signal aborts. */
export class Waiting {
  readonly #waiters = new Set<Waiter>();

  get size(): number {
    return this.#waiters.size;
  }

  /** Rejects with `aborted` where the signal aborts first. */
  join(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => waiter(new ClientError('aborted'));
      const waiter: Waiter = (error) => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', onAbort);
        if (error === undefined) resolve();
        else reject(error);
      };
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener('abort', onAbort);
      this.#waiters.add(waiter);
    });
  }

  /** Tells everybody. */
  readonly tell = (error?: ClientError): void => {
    for (const waiter of this.#waiters) waiter(error);
  };
}
