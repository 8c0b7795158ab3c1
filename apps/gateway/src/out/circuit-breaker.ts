import { backOffMs, type BackOff } from './back-off.ts';

/** When a breaker opens, and for how long. */
export interface CircuitBreakerOptions {
  /** So many failures in a row open it. */
  readonly failuresMax: number;
  readonly backOff: BackOff;
}

type State =
  | { readonly name: 'closed'; readonly failures: number }
  | { readonly name: 'open'; readonly untilMs: number; readonly openings: number }
  | { readonly name: 'probing'; readonly openings: number };

/**
 * Keeps us from asking a server that does not answer.
 *
 *            failures in a row            time is up, one attempt goes
 *   closed ────────────────────► open ───────────────────────────────► probing
 *     ▲                            ▲              failed                  │ │
 *     │                            └──────────────────────────────────────┘ │
 *     └─────────────────────────────────── succeeded ───────────────────────┘
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #state: State = { name: 'closed', failures: 0 };

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#state.name !== 'closed';
  }

  /** How long nothing may go; 0 when an attempt may go now, Infinity while a probe is out. */
  waitMs(nowMs: number): number {
    switch (this.#state.name) {
      case 'closed':
        return 0;
      case 'open':
        return Math.max(0, this.#state.untilMs - nowMs);
      case 'probing':
        return Infinity;
    }
  }

  /** To be called when an attempt goes. */
  began(): void {
    if (this.#state.name === 'open') this.#state = { name: 'probing', openings: this.#state.openings };
  }

  succeeded(): void {
    this.#state = { name: 'closed', failures: 0 };
  }

  failed(nowMs: number): void {
    switch (this.#state.name) {
      case 'closed': {
        const failures = this.#state.failures + 1;
        if (failures < this.#options.failuresMax) this.#state = { name: 'closed', failures };
        else this.#open(1, nowMs);
        return;
      }
      case 'probing':
        this.#open(this.#state.openings + 1, nowMs);
        return;
      case 'open':
        // An attempt that went before it opened; it says nothing new.
        return;
    }
  }

  /** The attempt that was to probe asked nobody; the next one may. */
  abandoned(nowMs: number): void {
    if (this.#state.name === 'probing')
      this.#state = { name: 'open', untilMs: nowMs, openings: this.#state.openings };
  }

  #open(openings: number, nowMs: number): void {
    this.#state = { name: 'open', untilMs: nowMs + backOffMs(openings, this.#options.backOff), openings };
  }
}
