import { WIRE_LIMITS } from '@parley/protocol';

/** How many in-call messages one device may send in one call: a burst, and so many a second. */
export class MessageRate {
  #left: number = WIRE_LIMITS.messageBurst;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Takes one. Otherwise: when the next may be sent, in ms from now. */
  take(nowMs: number): 'taken' | { readonly retryAfterMs: number } {
    const { messageBurst, messagesPerSecond } = WIRE_LIMITS;
    this.#left = Math.min(messageBurst, this.#left + ((nowMs - this.#atMs) * messagesPerSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#left < 1) return { retryAfterMs: Math.ceil(((1 - this.#left) * 1000) / messagesPerSecond) };
    this.#left -= 1;
    return 'taken';
  }
}
