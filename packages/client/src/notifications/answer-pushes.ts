import { ANSWER_KEY, MESSAGE, type PushClickMessage } from './push-messages.ts';

/** What the gateway sends; `parley-over` when it rings no more. */
type Pushed =
  | {
      readonly type: 'parley-ring';
      readonly callSid: string;
      readonly from: string;
      readonly to: string;
      readonly video: boolean;
    }
  | {
      readonly type: 'parley-over';
      readonly callSid: string;
      readonly from: string;
      readonly to: string;
      readonly video: boolean;
      readonly over: 'answered' | 'missed';
    };

/** Who calls whom. */
export type PushedRing = Omit<Extract<Pushed, { type: 'parley-ring' }>, 'type'>;

/** How {@link answerPushes} looks and speaks. */
export interface AnswerPushesOptions {
  /** The page that is opened when none is. Default: `/`. */
  readonly page?: string | ((ring: PushedRing) => string);
  readonly icon?: string;
  /** Default: "Incoming call", or "Incoming video call". */
  readonly body?: (ring: PushedRing) => string;
  /** Default: "Answer" and "Ignore". */
  readonly actions?: { readonly answer: string; readonly ignore: string };
  /** What is said when it rings no more. Default: "Missed call" and "Answered on another device". */
  readonly over?: { readonly missed: string; readonly answered: string };
}

interface WindowClient {
  readonly visibilityState: string;
  postMessage(message: PushClickMessage): void;
  focus(): Promise<unknown>;
}

interface ShownNotification {
  close(): void;
}

/** A service worker's `self`, as far as this needs it. */
export interface PushScope {
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly WindowClient[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly registration: {
    showNotification(title: string, options: object): Promise<void>;
    getNotifications(filter: { tag: string }): Promise<readonly ShownNotification[]>;
  };
  addEventListener(type: 'push' | 'notificationclick', listener: (event: never) => void): void;
}

interface PushEventOf {
  readonly data: { json(): unknown } | null;
  waitUntil(work: Promise<unknown>): void;
}

interface ClickEventOf {
  readonly action: string;
  readonly notification: { readonly data?: unknown; close(): void };
  waitUntil(work: Promise<unknown>): void;
}

/**
 * Shows calls that come while the page is closed, and opens it. Call it once when the service worker starts. Pushes and
 * clicks that are somebody else's are left alone.
 *
 * A page that is opened by "Answer" finds the call by `answerFromPush(device)`.
 */
export function answerPushes(scope: PushScope, options: AnswerPushesOptions = {}): void {
  scope.addEventListener('push', (event: PushEventOf) => {
    const pushed = read(event.data);
    if (pushed?.type === 'parley-ring') event.waitUntil(showRing(scope, pushed, options));
    if (pushed?.type === 'parley-over') event.waitUntil(showOver(scope, pushed, options));
  });
  scope.addEventListener('notificationclick', (event: ClickEventOf) => {
    const ring = ringOf(event.notification.data);
    if (ring === undefined) return;
    event.notification.close();
    const { page = '/' } = options;
    const opened = typeof page === 'string' ? page : page(ring);
    if (event.action !== 'ignore') event.waitUntil(bring(scope, ring.callSid, event.action, opened));
  });
}

/** The same as `notifyIncoming` uses, so that a page that is open and hidden and its worker show one between them. */
function tagOf(callSid: string): string {
  return `parley-${callSid}`;
}

async function showRing(scope: PushScope, ring: PushedRing, options: AnswerPushesOptions): Promise<void> {
  // Somebody looks at the page, which rings by itself.
  if (await isSeen(scope)) return;
  const { answer = 'Answer', ignore = 'Ignore' } = options.actions ?? {};
  const said = options.body?.(ring) ?? (ring.video ? 'Incoming video call' : 'Incoming call');
  await scope.registration.showNotification(ring.from, {
    ...look(options),
    body: said,
    tag: tagOf(ring.callSid),
    data: { parleyRing: ring },
    requireInteraction: true,
    actions: [
      { action: 'answer', title: answer },
      { action: 'ignore', title: ignore },
    ],
  });
}

async function showOver(
  scope: PushScope,
  ended: Extract<Pushed, { type: 'parley-over' }>,
  options: AnswerPushesOptions,
): Promise<void> {
  const { callSid, from, over } = ended;
  const shown = await scope.registration.getNotifications({ tag: tagOf(callSid) });
  // Who answered here, or looked and let it ring, knows.
  if (shown.length === 0 && (over === 'answered' || (await isSeen(scope)))) return;
  const { missed = 'Missed call', answered = 'Answered on another device' } = options.over ?? {};
  // In its place: browsers insist that a push is seen.
  await scope.registration.showNotification(from, {
    ...look(options),
    body: over === 'missed' ? missed : answered,
    tag: tagOf(callSid),
    data: { parleyRing: ended },
    silent: true,
  });
}

function look({ icon }: AnswerPushesOptions): { readonly icon?: string } {
  return icon === undefined ? {} : { icon };
}

async function bring({ clients }: PushScope, callSid: string, action: string, page: string): Promise<void> {
  const windows = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const [first] = windows;
  if (first === undefined) {
    await clients.openWindow(action === 'answer' ? `${page}#${ANSWER_KEY}=${callSid}` : page);
    return;
  }
  for (const each of windows) each.postMessage({ type: MESSAGE, callSid, action });
  await first.focus();
}

async function isSeen({ clients }: PushScope): Promise<boolean> {
  const windows = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  return windows.some(({ visibilityState }) => visibilityState === 'visible');
}

function read(data: PushEventOf['data']): Pushed | undefined {
  let pushed: unknown;
  try {
    pushed = data?.json();
  } catch {
    return undefined;
  }
  if (typeof pushed !== 'object' || pushed === null || !('type' in pushed) || !('callSid' in pushed))
    return undefined;
  return typeof pushed.callSid === 'string' ? (pushed as Pushed) : undefined;
}

/** What this worker has put into a notification. */
function ringOf(data: unknown): PushedRing | undefined {
  if (typeof data !== 'object' || data === null || !('parleyRing' in data)) return undefined;
  return data.parleyRing as PushedRing;
}
