import type { TokenProvider, TokenReason } from '../api.ts';
import { ClientError } from '../errors.ts';
import type { Platform } from '../platform.ts';

/** A provider that takes longer than this is told to stop. */
const TOKEN_MS = 15_000;

/** Where tokens come from: a string that was given once, or a provider that is asked once at a time. */
export class TokenSource {
  readonly #platform: Platform;
  readonly #provider: TokenProvider | null;
  #token: string | null;
  #running: { readonly promise: Promise<string>; readonly stop: AbortController } | null = null;

  constructor(platform: Platform, token: string | TokenProvider) {
    this.#platform = platform;
    this.#provider = typeof token === 'function' ? token : null;
    this.#token = typeof token === 'string' ? token : null;
  }

  /** Whether another token can be had by asking. */
  get canAsk(): boolean {
    return this.#provider !== null;
  }

  /** The application brings one by itself. */
  set(token: string): void {
    this.#token = token;
  }

  /** Resolves with a token. Those who ask while one is fetched get that one. */
  fetch(reason: TokenReason): Promise<string> {
    if (this.#running !== null) return this.#running.promise;
    const provider = this.#provider;
    if (provider === null) {
      const token = this.#token;
      return token === null || token === ''
        ? Promise.reject(new ClientError('token-unavailable', 'no token was given'))
        : Promise.resolve(token);
    }
    const stop = new AbortController();
    const cancelTimer = this.#platform.setTimer(
      () => stop.abort(new ClientError('token-unavailable')),
      TOKEN_MS,
    );
    const promise = ask(provider, reason, stop.signal).finally(() => {
      cancelTimer();
      this.#running = null;
    });
    this.#running = { promise, stop };
    return promise;
  }

  /** Nobody wants one any more. */
  stop(): void {
    this.#running?.stop.abort(new ClientError('destroyed'));
  }
}

async function ask(provider: TokenProvider, reason: TokenReason, signal: AbortSignal): Promise<string> {
  const given = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  // Asked in a promise, so that a provider that throws at once is one that rejects.
  const asked = Promise.resolve().then(() => provider({ reason, signal }));
  const token = await Promise.race([asked, given]);
  if (typeof token !== 'string' || token === '') {
    throw new ClientError('token-unavailable', 'the token provider gave no token');
  }
  return token;
}
