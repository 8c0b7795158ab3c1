import type { TokenProvider } from '@parley/client';

/**
 * Gets tokens from the gateway's own demo endpoint, which gives anybody any name. In a product this is where you ask
 * your own server, which knows who is signed in.
 */
export function demoTokens(identity: string): TokenProvider {
  return async ({ signal }) => {
    const response = await fetch(`/demo/token?identity=${encodeURIComponent(identity)}`, {
      signal,
      cache: 'no-store',
    });
    if (!response.ok)
      throw new Error(`The demo gave no token (HTTP ${response.status}). Is it switched on in the gateway?`);
    return tokenFrom(await response.json());
  };
}

/** Reads the answer `{ token, identity }`. */
export function tokenFrom(answer: unknown): string {
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'token' in answer &&
    typeof answer.token === 'string'
  ) {
    return answer.token;
  }
  throw new Error('The demo answered without a token.');
}
