/** Says that a message between a service worker and its pages is ours. */
export const MESSAGE = 'parley-notification';

/** What a service worker tells its pages when a button of a notification was pressed. */
export interface ClickMessage {
  readonly type: typeof MESSAGE;
  readonly callId: string;
  readonly action: string;
}

interface PageClient {
  postMessage(message: ClickMessage): void;
  focus(): Promise<unknown>;
}

interface ClickEvent {
  readonly action: string;
  readonly notification: { readonly data?: unknown; close(): void };
  waitUntil(work: Promise<unknown>): void;
}

/** A service worker's `self`, as far as this needs it. */
export interface WorkerScope {
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly PageClient[]>;
  };
  addEventListener(type: 'notificationclick', listener: (event: never) => void): void;
}

/**
 * Carries the buttons of `notifyIncoming` from a service worker to the pages, which answer or refuse. Call it once when
 * the worker starts. Clicks on notifications of somebody else are left alone.
 */
export function answerClicks(scope: WorkerScope): void {
  scope.addEventListener('notificationclick', (event: ClickEvent) => {
    const callId = callIdOf(event.notification.data);
    if (callId === undefined) return;
    event.notification.close();
    event.waitUntil(tell(scope, { type: MESSAGE, callId, action: event.action }));
  });
}

async function tell({ clients }: WorkerScope, message: ClickMessage): Promise<void> {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  // Every page of the person may have the call; one that has not, leaves it.
  for (const page of pages) page.postMessage(message);
  if (message.action !== 'decline') await pages[0]?.focus();
}

function callIdOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('parleyCallId' in data)) return undefined;
  return typeof data.parleyCallId === 'string' ? data.parleyCallId : undefined;
}
