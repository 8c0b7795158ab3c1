/** So many times within so long a time: what tells a mishap from a loop. */
export class Budget {
  readonly #max: number;
  readonly #windowMs: number;
  #spentAtMs: number[] = [];

  constructor(options: { readonly max: number; readonly windowMs: number }) {
    this.#max = options.max;
    this.#windowMs = options.windowMs;
  }

  /** Takes one, if there is one. */
  spend(nowMs: number): boolean {
    this.#spentAtMs = this.#spentAtMs.filter((atMs) => nowMs - atMs < this.#windowMs);
    if (this.#spentAtMs.length >= this.#max) return false;
    this.#spentAtMs.push(nowMs);
    return true;
  }
}
