import type { Millis, World } from '@parley/switchboard';

/** The longest wait Node's timers can hold; a longer one wakes early, and the driver asks again. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * Time as Node has it: the date at the start plus a clock that only goes forward, so that a corrected system clock
 * neither ends calls nor stretches them. Milliseconds since 1970, whole ones, so that a deadline is reached exactly.
 */
export class NodeWorld implements World {
  nowMs(): Millis {
    return Math.floor(performance.timeOrigin + performance.now());
  }

  wakeAt(atMs: Millis, wake: () => void): () => void {
    // One more, because a timer may fire within the last millisecond before its time.
    const delayMs = Math.min(Math.max(0, atMs - this.nowMs() + 1), LONGEST_WAIT_MS);
    const timer = setTimeout(wake, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  }
}
