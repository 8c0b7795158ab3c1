/** What a page has asked of the system around it, seen from within the page; what is asked is done all the same. */
export interface SystemSpy {
  /** How many locks keep the screen on now. */
  screenLocks(): number;
  /** What the system's media controls call the call; null where they show none. */
  title(): string | null;
  /** Presses one of the system's media controls; false where it is not offered. */
  press(action: string): boolean;
}

declare global {
  interface Window {
    readonly system: SystemSpy;
  }
}

/** Puts `window.system` into a page. It is sent to the browser as text, so it uses nothing from this module. */
export function installSystemSpy(): void {
  const locks: WakeLockSentinel[] = [];
  const handlers = new Map<string, MediaSessionActionHandler>();
  // Absent on the blank page that a tab begins with.
  const { wakeLock, mediaSession } = navigator as { wakeLock?: WakeLock; mediaSession?: MediaSession };
  const request = wakeLock?.request.bind(wakeLock);
  if (wakeLock && request)
    wakeLock.request = async (type) => {
      const lock = await request(type);
      locks.push(lock);
      return lock;
    };
  const setActionHandler = mediaSession?.setActionHandler.bind(mediaSession);
  if (mediaSession && setActionHandler)
    mediaSession.setActionHandler = (action, handler) => {
      setActionHandler(action, handler);
      if (handler === null) handlers.delete(action);
      else handlers.set(action, handler);
    };
  Object.defineProperty(window, 'system', {
    value: {
      screenLocks: () => locks.filter(({ released }) => !released).length,
      title: () => navigator.mediaSession.metadata?.title ?? null,
      press: (action) => {
        const handler = handlers.get(action);
        handler?.({ action: action as MediaSessionAction });
        return handler !== undefined;
      },
    } satisfies SystemSpy,
  });
}
