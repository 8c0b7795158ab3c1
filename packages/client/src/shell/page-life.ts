import type { LifecycleEvent, TabStorage } from '../platform.ts';

/** How often the clock is looked at … */
const TICK_MS = 1_000;
/** … and the least it must have jumped to be worth a look at the connection. */
const JUMP_MS = 5_000;

/**
 * Tells what happens to this page; returns the function that stops it.
 *
 * A laptop that wakes says so nowhere. Its clock does: between two looks a second apart much more time has gone by. A
 * page whose timers the browser has slowed down looks just the same, and is asked to look at its connection too, which
 * costs it one small frame.
 */
export function watchLifecycle(listener: (event: LifecycleEvent) => void): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  addEventListener('pagehide', ({ persisted }) => listener(persisted ? 'suspend' : 'leave'), options);
  addEventListener('pageshow', ({ persisted }) => persisted && listener('resume'), options);
  addEventListener('online', () => listener('online'), options);
  addEventListener('offline', () => listener('offline'), options);
  document.addEventListener(
    'visibilitychange',
    () => document.visibilityState === 'visible' && listener('wake'),
    options,
  );
  document.addEventListener('freeze', () => listener('freeze'), options);
  document.addEventListener('resume', () => listener('resume'), options);
  // A change of network, where the browser tells of it: the old one may be gone with the socket on it.
  connection()?.addEventListener('change', () => listener('wake'), options);

  let lastMs = Date.now();
  const ticking = setInterval(() => {
    const nowMs = Date.now();
    if (nowMs - lastMs > JUMP_MS) listener('wake');
    lastMs = nowMs;
  }, TICK_MS);
  return () => {
    stop.abort();
    clearInterval(ticking);
  };
}

/** Chromium's; elsewhere there is none. */
function connection(): EventTarget | undefined {
  return (navigator as { readonly connection?: EventTarget }).connection;
}

/** The browser's own locks. Without them, as on a page without https, every page is on its own. */
export const holdLock =
  typeof navigator === 'object' && 'locks' in navigator
    ? (name: string, onHeld: () => void): (() => void) => {
        const released = new AbortController();
        const { signal } = released;
        const hold = (): Promise<void> => {
          onHeld();
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        };
        navigator.locks.request(name, { signal }, hold).catch(() => undefined);
        return () => released.abort();
      }
    : undefined;

/** Lives as long as the tab, and is seen by no other. */
export const tabStorage: TabStorage = {
  take: (name) => {
    const value = sessionStorage.getItem(name);
    sessionStorage.removeItem(name);
    return value;
  },
  put: (name, value) => sessionStorage.setItem(name, value),
};
