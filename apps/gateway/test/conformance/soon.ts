import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MS = 8_000;
const LOOK_EVERY_MS = 3;

/**
 * What the look finds, as soon as it finds something. Rejects with what was waited for when it does not come: a
 * deadline long enough for a busy machine, not a guess at how long things take.
 */
export async function soon<T>(
  look: () => T | undefined | Promise<T | undefined>,
  what: () => string,
  withinMs = DEADLINE_MS,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs) throw new Error(`${what()} did not come within ${withinMs} ms`);
    await pause(LOOK_EVERY_MS);
  }
}

/** The same for something that is to become true. */
export async function become(isSo: () => boolean, what: () => string, withinMs?: number): Promise<void> {
  await soon(() => isSo() || undefined, what, withinMs);
}
