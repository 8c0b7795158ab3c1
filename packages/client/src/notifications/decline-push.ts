import type { PushDecline } from '@parley/protocol';

/** A service worker's `self`, as far as declining needs it. */
export interface DeclineScope {
  fetch(
    url: string,
    init: { method: string; headers: Record<string, string>; body: string; signal: AbortSignal },
  ): Promise<{ readonly status: number }>;
}

const TIMEOUT_MS = 10_000;
/** A telephone that has just been woken may not be on the network yet. */
const PAUSES_MS = [500, 2000];

/**
 * Tells the gateway that this device declines. Resolves with whether it knows; a call that is over, or was declined here
 * already, counts as told. Never rejects.
 */
export async function declinePush(scope: DeclineScope, url: string, what: PushDecline): Promise<boolean> {
  for (const pauseMs of [...PAUSES_MS, null]) {
    const status = await post(scope, url, what);
    if (status !== undefined && status !== 429 && status < 500) return status < 400 || status === 404;
    if (pauseMs !== null) await new Promise((resolve) => void setTimeout(resolve, pauseMs));
  }
  return false;
}

async function post(scope: DeclineScope, url: string, what: PushDecline): Promise<number | undefined> {
  try {
    const { status } = await scope.fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(what),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return status;
  } catch {
    return undefined;
  }
}
