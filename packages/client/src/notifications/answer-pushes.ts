import type { PushOver, PushRing } from '@parley/protocol';
import { declinePush, type DeclineScope } from './decline-push.ts';
import { ANSWER_KEY, MESSAGE, PUSH_PATH, type PushClickMessage } from './push-messages.ts';

/** Who calls whom. */
export interface PushedRing {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  readonly video: boolean;
}

/** How {@link answerPushes} looks and speaks. */
export interface AnswerPushesOptions {
  /** The page that is opened when none is. Default: `/`. */
  readonly page?: string | ((ring: PushedRing) => string);
  readonly icon?: string;
  /** Default: "Incoming call", or "Incoming video call". */
  readonly body?: (ring: PushedRing) => string;
  /** What the buttons say. Default: "Answer" and "Decline". Whoever puts the notification away lets it ring. */
  readonly actions?: { readonly answer: string; readonly decline: string };
  /** What is said when it rings no more. Default: "Missed call" and "Answered on another device". */
  readonly over?: { readonly missed: string; readonly answered: string };
  /** Where the gateway takes subscriptions, as for `enablePush`. Default: `/parley/push` on this origin. */
  readonly url?: string;
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
export interface PushScope extends DeclineScope {
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
 * A page that is opened by "Answer" finds the call by `answerFromPush(device)`. "Decline" opens none: this device
 * refuses, as `call.reject()` would in a page, and the person's others ring on.
 */
export function answerPushes(scope: PushScope, options: AnswerPushesOptions = {}): void {
  scope.addEventListener('push', (event: PushEventOf) => {
    const pushed = read(event.data);
    if (pushed?.type === 'parley-ring') event.waitUntil(showRing(scope, pushed, options));
    if (pushed?.type === 'parley-over') event.waitUntil(showOver(scope, pushed, options));
  });
  scope.addEventListener('notificationclick', (event: ClickEventOf) => {
    const pushed = pushedOf(event.notification.data);
    if (pushed === undefined) return;
    event.notification.close();
    if (event.action === 'decline') {
      if (pushed.type === 'parley-ring') event.waitUntil(decline(scope, pushed, options));
      return;
    }
    const { page = '/' } = options;
    const opened = typeof page === 'string' ? page : page(factsOf(pushed));
    event.waitUntil(bring(scope, pushed.callSid, event.action, opened));
  });
}

/** The same as `notifyIncoming` uses, so that a page that is open and hidden and its worker show one between them. */
function tagOf(callSid: string): string {
  return `parley-${callSid}`;
}

async function showRing(scope: PushScope, pushed: PushRing, options: AnswerPushesOptions): Promise<void> {
  // Somebody looks at the page, which rings by itself.
  if (await isSeen(scope)) return;
  const ring = factsOf(pushed);
  const { answer = 'Answer', decline: no = 'Decline' } = options.actions ?? {};
  const said = options.body?.(ring) ?? (ring.video ? 'Incoming video call' : 'Incoming call');
  await scope.registration.showNotification(ring.from, {
    ...look(options),
    body: said,
    tag: tagOf(ring.callSid),
    data: { parleyRing: pushed },
    requireInteraction: true,
    actions: [
      { action: 'answer', title: answer },
      ...(pushed.decline === undefined ? [] : [{ action: 'decline', title: no }]),
    ],
  });
}

/** This device refuses, on its pages and at the gateway; what cannot be told there is shown again. */
async function decline(scope: PushScope, ring: PushRing, options: AnswerPushesOptions): Promise<void> {
  const { callSid, decline: secret } = ring;
  for (const page of await windowsOf(scope)) page.postMessage({ type: MESSAGE, callSid, action: 'decline' });
  if (secret === undefined) return;
  const isTold = await declinePush(scope, `${options.url ?? PUSH_PATH}/decline`, { callSid, secret });
  if (!isTold) await showRing(scope, ring, options);
}

async function showOver(scope: PushScope, ended: PushOver, options: AnswerPushesOptions): Promise<void> {
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

async function bring(scope: PushScope, callSid: string, action: string, page: string): Promise<void> {
  const windows = await windowsOf(scope);
  const [first] = windows;
  if (first === undefined) {
    await scope.clients.openWindow(action === 'answer' ? `${page}#${ANSWER_KEY}=${callSid}` : page);
    return;
  }
  for (const each of windows) each.postMessage({ type: MESSAGE, callSid, action });
  await first.focus();
}

function windowsOf({ clients }: PushScope): Promise<readonly WindowClient[]> {
  return clients.matchAll({ type: 'window', includeUncontrolled: true });
}

async function isSeen(scope: PushScope): Promise<boolean> {
  return (await windowsOf(scope)).some(({ visibilityState }) => visibilityState === 'visible');
}

function read(data: PushEventOf['data']): PushRing | PushOver | undefined {
  let pushed: unknown;
  try {
    pushed = data?.json();
  } catch {
    return undefined;
  }
  if (typeof pushed !== 'object' || pushed === null || !('type' in pushed) || !('callSid' in pushed))
    return undefined;
  return typeof pushed.callSid === 'string' ? (pushed as PushRing | PushOver) : undefined;
}

/** What this worker has put into a notification. */
function pushedOf(data: unknown): PushRing | PushOver | undefined {
  if (typeof data !== 'object' || data === null || !('parleyRing' in data)) return undefined;
  return data.parleyRing as PushRing | PushOver;
}

/** What an application is shown of it. */
function factsOf({ callSid, from, to, video }: PushRing | PushOver): PushedRing {
  return { callSid, from, to, video };
}
