import type { Device, TokenProvider } from '@parley/client';
import { disablePush, enablePush, notifyIncoming, requestNotifications } from '@parley/client/notifications';
import { icon } from './icons.ts';
import { el, type Scope } from './view.ts';

/**
 * Tells of calls while nobody looks at the page, where the person has allowed it. With the service worker of an
 * installed page the notification has buttons.
 */
export function notifyOfCalls(device: Device, scope: Scope): void {
  const start = (serviceWorker?: ServiceWorkerRegistration): void => {
    if (scope.aborted) return;
    const stop = notifyIncoming(device, {
      icon: '/favicon.svg',
      body: (call) => `${call.parameters.From} is calling ${call.parameters.To}`,
      ...(serviceWorker === undefined ? {} : { serviceWorker }),
    });
    scope.addEventListener('abort', () => stop(), { once: true });
  };
  if (!('serviceWorker' in navigator)) return start();
  navigator.serviceWorker.getRegistration().then(start, () => start());
}

/** Has this device ring for whoever is signed in while the page is closed, where all of browser, person and gateway let it. */
export async function ringWhileClosed(tokens: TokenProvider): Promise<void> {
  const registration = await installedWorker();
  if (registration !== undefined) await enablePush(tokens, { registration });
}

/** Whoever signs out is not rung here any more. */
export async function stopRingingWhileClosed(tokens: TokenProvider): Promise<void> {
  const registration = await installedWorker();
  if (registration !== undefined) await disablePush(tokens, { registration });
}

async function installedWorker(): Promise<ServiceWorkerRegistration | undefined> {
  if (!('serviceWorker' in navigator)) return undefined;
  const registration = await navigator.serviceWorker.getRegistration();
  // One that is still being installed has no push yet.
  return registration === undefined ? undefined : navigator.serviceWorker.ready;
}

/** Asks for the permission; hidden once it has been given, or refused for good. */
export function createNotificationChoice(
  tokens: TokenProvider,
  onProblem: (error: unknown) => void,
): HTMLElement {
  const element = el('section', { class: 'setting-group', 'aria-label': 'Notifications' });
  const write = (): void => {
    element.hidden = !('Notification' in window) || Notification.permission !== 'default';
  };
  element.append(
    el(
      'button',
      { type: 'button', class: 'button button-quiet', 'data-testid': 'allow-notifications' },
      [icon('bell'), 'Tell me of calls when this window is hidden'],
      {
        click: () => {
          requestNotifications()
            .finally(write)
            .then(() => ringWhileClosed(tokens))
            .catch(onProblem);
        },
      },
    ),
  );
  write();
  return element;
}
