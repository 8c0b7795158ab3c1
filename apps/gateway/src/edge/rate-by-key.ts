/** How often one of them may ask: one address, one account. */
export interface Rate {
  readonly perMinute: number;
  readonly burst: number;
}

interface Bucket {
  allowance: number;
  atMs: number;
}

const KEYS_MAX = 10_000;

/** A token bucket for each key, for the few that have asked lately. */
export class RateByKey {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes one. Returns 0, or in how many milliseconds to ask again. */
  take(key: string, nowMs: number): number {
    const { perMinute, burst } = this.#rate;
    const bucket = this.#buckets.get(key) ?? { allowance: burst, atMs: nowMs };
    bucket.allowance = Math.min(burst, bucket.allowance + ((nowMs - bucket.atMs) * perMinute) / 60_000);
    bucket.atMs = nowMs;
    // Put at the end, so that the first entry is the one that has been quiet for longest.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [quietest] = this.#buckets.keys();
    if (this.#buckets.size > KEYS_MAX && quietest !== undefined) this.#buckets.delete(quietest);
    if (bucket.allowance < 1) return Math.ceil(((1 - bucket.allowance) * 60_000) / perMinute);
    bucket.allowance -= 1;
    return 0;
  }
}
