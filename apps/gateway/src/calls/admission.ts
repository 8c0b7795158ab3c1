import { RateByKey } from '../edge/rate-by-key.ts';

export interface AdmissionLimits {
  /** Calls at once, in all. */
  readonly callsMax: number;
  /** Calls at once in one account. */
  readonly callsPerAccountMax: number;
  /** Calls that one account may begin in a second; twice as many may come at once. */
  readonly callsPerSecond: number;
}

/** Why a call is not begun. */
export interface NotAdmitted {
  readonly why: 'full' | 'account-full' | 'too-fast';
  readonly message: string;
  readonly retryAfterMs: number;
}

/** How long a caller is asked to wait for a place, which nobody can foretell. */
const FULL_RETRY_MS = 5000;

/** Who may begin a call now. It refuses before the gateway is slow for everybody, and no account crowds another out. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #rate: RateByKey;
  readonly #calls = new Map<string, number>();
  #total = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
    this.#rate = new RateByKey({ perMinute: limits.callsPerSecond * 60, burst: limits.callsPerSecond * 2 });
  }

  /** Takes a place, or says why there is none. Whoever has one gives it back once. */
  enter(accountSid: string, nowMs: number): NotAdmitted | undefined {
    const { callsMax, callsPerAccountMax, callsPerSecond } = this.#limits;
    if (this.#total >= callsMax) {
      return {
        why: 'full',
        message: 'the gateway carries as many calls as it may',
        retryAfterMs: FULL_RETRY_MS,
      };
    }
    const calls = this.#calls.get(accountSid) ?? 0;
    if (calls >= callsPerAccountMax) {
      const message = `the account has ${callsPerAccountMax} calls up, which is as many as it may`;
      return { why: 'account-full', message, retryAfterMs: FULL_RETRY_MS };
    }
    const retryAfterMs = this.#rate.take(accountSid, nowMs);
    if (retryAfterMs > 0) {
      return {
        why: 'too-fast',
        message: `the account may begin ${callsPerSecond} calls a second`,
        retryAfterMs,
      };
    }
    this.hold(accountSid);
    return undefined;
  }

  /** A call that comes from one that was admitted takes a place without being asked. */
  hold(accountSid: string): void {
    this.#calls.set(accountSid, (this.#calls.get(accountSid) ?? 0) + 1);
    this.#total += 1;
  }

  leave(accountSid: string): void {
    const calls = (this.#calls.get(accountSid) ?? 1) - 1;
    if (calls > 0) this.#calls.set(accountSid, calls);
    else this.#calls.delete(accountSid);
    this.#total -= 1;
  }
}
