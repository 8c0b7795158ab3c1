/**
 * Carries out what is asked of one party one after the other, in the order it was asked, although each step
 * waits for the SFU. So a browser may send `produce` right behind `transportConnect`, without waiting.
 */
export class TaskQueue {
  readonly #name: string;
  readonly #tasksMax: number;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  constructor(name: string, options: { readonly tasksMax: number }) {
    this.#name = name;
    this.#tasksMax = options.tasksMax;
  }

  /** Settles as the task does. Rejects with a sentence when the queue is closed before the task's turn. */
  run<T>(task: () => T | Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error(`${this.#name} is over`));
    if (this.#waiting >= this.#tasksMax) {
      return Promise.reject(new Error(`${this.#name} has ${this.#waiting} tasks waiting already`));
    }
    this.#waiting += 1;
    const result = this.#tail.then(() => {
      this.#waiting -= 1;
      if (this.#closed) throw new Error(`${this.#name} is over`);
      return task();
    });
    // The next task's turn comes whether this one succeeded or not.
    this.#tail = result.catch(() => {});
    return result;
  }

  /** Nothing begins any more; what has begun finishes. */
  close(): void {
    this.#closed = true;
  }
}
