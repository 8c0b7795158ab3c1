import type { TokenProvider } from '../api.ts';
import { ClientError, errorFromWire } from '../errors.ts';
import { PUSH_PATH } from './push-messages.ts';

/**
 * Whether this device rings while the page is closed.
 *
 * - `on`;
 * - `denied`: the person has not allowed notifications (`requestNotifications()` asks, from a click);
 * - `unsupported`: this browser has no push, or not for this page: on iOS it must be on the home screen;
 * - `off`: the gateway has none (`PARLEY_PUSH_CONTACT`).
 */
export type PushState = 'on' | 'denied' | 'unsupported' | 'off';

/** How {@link enablePush} and {@link disablePush} reach the gateway. */
export interface PushOptions {
  /** The service worker that hears of calls: it has called `answerPushes(self)`. */
  readonly registration: ServiceWorkerRegistration;
  /** Where the gateway takes subscriptions. Default: `/parley/push` on this origin. */
  readonly url?: string;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 15_000;

/**
 * Has this device ring for the person of the token while the page is closed. Ask again whenever somebody signs in: whoever
 * signed in last is the one it rings for.
 *
 * @throws {ClientError} `connection-failed`, or what the gateway refuses: `token-invalid`, `token-expired`, `forbidden`
 */
export async function enablePush(token: string | TokenProvider, options: PushOptions): Promise<PushState> {
  // Older browsers have service workers without push.
  const { pushManager } = options.registration as { readonly pushManager?: PushManager };
  if (pushManager === undefined || typeof Notification === 'undefined') return 'unsupported';
  if (Notification.permission !== 'granted') return 'denied';
  const told = await ask(options, { method: 'GET' });
  if (told.status === 404) return 'off';
  const { publicKey } = (await read(told)) as { readonly publicKey: string };
  const subscription = await subscribe(pushManager, publicKey);
  if (subscription === undefined) return 'unsupported';
  await read(await change('POST', { subscription: subscription.toJSON() }, token, options));
  return 'on';
}

/** This device rings while the page is open, and then only. Nothing happens where it already is so. */
export async function disablePush(token: string | TokenProvider, options: PushOptions): Promise<void> {
  const { pushManager } = options.registration as { readonly pushManager?: PushManager };
  const subscription = await pushManager?.getSubscription();
  if (subscription === null || subscription === undefined) return;
  await read(await change('DELETE', { endpoint: subscription.endpoint }, token, options));
  await subscription.unsubscribe();
}

/** The subscription for this key; one for another key, of another gateway, is replaced. Undefined where there is none to be had. */
async function subscribe(pushManager: PushManager, publicKey: string): Promise<PushSubscription | undefined> {
  const before = await pushManager.getSubscription();
  const key = before?.options.applicationServerKey ?? null;
  if (before !== null && key !== null && base64url(key) === publicKey) return before;
  await before?.unsubscribe();
  try {
    return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  } catch (error) {
    // So does a browser that has no push service it could reach: a build without one, or a private window.
    if (error instanceof DOMException && error.name !== 'InvalidStateError') return undefined;
    throw error;
  }
}

async function change(
  method: 'POST' | 'DELETE',
  body: object,
  token: string | TokenProvider,
  options: PushOptions,
): Promise<Response> {
  const signal = options.signal ?? AbortSignal.timeout(TIMEOUT_MS);
  const bearer = typeof token === 'string' ? token : await token({ reason: 'initial', signal });
  return ask(options, {
    method,
    headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function ask({ url = PUSH_PATH, signal }: PushOptions, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: signal ?? AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    if (signal?.aborted === true) throw new ClientError('aborted', undefined, { cause: error });
    throw new ClientError('connection-failed', 'The gateway cannot be asked.', { cause: error });
  }
}

async function read(response: Response): Promise<unknown> {
  const said: unknown = await response.json().catch(() => ({}));
  if (response.ok) return said;
  const { name = 'unknown', message = `The gateway answered ${response.status}.` } = said as {
    name?: string;
    message?: string;
  };
  throw errorFromWire({ name, message } as Parameters<typeof errorFromWire>[0]);
}

function base64url(bytes: ArrayBuffer): string {
  const characters = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('');
  return btoa(characters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
