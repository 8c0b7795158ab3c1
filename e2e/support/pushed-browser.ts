import type { BrowserContext, CDPSession, Worker } from '@playwright/test';
import type { PushedMessage, PushServer, PushSubscriptionFacts } from '@parley/testkit/push-server';

/** A notification that a browser shows. */
export interface ShownNotification {
  readonly title: string;
  readonly body: string;
}

interface Registration {
  readonly registrationId: string;
  readonly scopeURL: string;
}

/** What of a service worker's world the tests touch. */
interface WorkerWorld {
  readonly registration: {
    getNotifications(): Promise<readonly (ShownNotification & { readonly actions: unknown })[]>;
  };
  readonly clients: { openWindow: (url: string) => Promise<null> };
  dispatchEvent(event: Event): boolean;
}

/**
 * A browser profile that is reached by push. A test has no push service of a browser's maker, so the page is given a
 * subscription at ours, and what comes there is delivered as the browser's own service would: to the service worker.
 */
export class PushedBrowser implements AsyncDisposable {
  readonly #context: BrowserContext;
  readonly #origin: string;
  readonly #devtools: CDPSession;
  readonly #registrations = new Map<string, Registration>();

  private constructor(context: BrowserContext, origin: string, devtools: CDPSession) {
    this.#context = context;
    this.#origin = origin;
    this.#devtools = devtools;
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      for (const each of registrations) this.#registrations.set(each.registrationId, each);
    });
  }

  static async of(context: BrowserContext, origin: string, service: PushServer): Promise<PushedBrowser> {
    await context.grantPermissions(['notifications', 'microphone', 'camera'], { origin });
    await context.addInitScript(subscribeAt, service.subscribe());
    // Devtools need some page; this one is of no origin, so that no phone is open.
    const devtools = await context.newCDPSession(await context.newPage());
    const browser = new PushedBrowser(context, origin, devtools);
    await devtools.send('ServiceWorker.enable');
    service.onMessage = (message) => void browser.#deliver(message);
    return browser;
  }

  async #deliver({ payload }: PushedMessage): Promise<void> {
    const registration = [...this.#registrations.values()].find(({ scopeURL }) =>
      scopeURL.startsWith(this.#origin),
    );
    if (registration === undefined) throw new Error('the page has installed no service worker');
    await this.#devtools.send('ServiceWorker.deliverPushMessage', {
      origin: this.#origin,
      registrationId: registration.registrationId,
      data: JSON.stringify(payload),
    });
  }

  async notifications(): Promise<readonly ShownNotification[]> {
    return (await this.#worker()).evaluate(async () => {
      const { registration } = self as unknown as WorkerWorld;
      return (await registration.getNotifications()).map(({ title, body }) => ({ title, body }));
    });
  }

  /** Presses a button of the notification that is shown; returns the address that the browser then opens. */
  async press(action: string): Promise<string> {
    return (await this.#worker()).evaluate(async (pressed) => {
      const world = self as unknown as WorkerWorld;
      const [notification] = await world.registration.getNotifications();
      // A browser opens windows for a person's press alone, and a test has no finger.
      const opened = new Promise<string>((resolve) => {
        world.clients.openWindow = async (url) => {
          resolve(url);
          return null;
        };
      });
      const Press = (
        globalThis as unknown as { NotificationEvent: new (type: string, init: object) => Event }
      ).NotificationEvent;
      world.dispatchEvent(new Press('notificationclick', { notification, action: pressed }));
      return opened;
    }, action);
  }

  /** Presses the button that declines: nothing is opened. */
  async decline(): Promise<void> {
    await (
      await this.#worker()
    ).evaluate(async () => {
      const world = self as unknown as WorkerWorld;
      const [notification] = await world.registration.getNotifications();
      world.clients.openWindow = () => Promise.reject(new Error('a page was opened'));
      const Press = (
        globalThis as unknown as { NotificationEvent: new (type: string, init: object) => Event }
      ).NotificationEvent;
      world.dispatchEvent(new Press('notificationclick', { notification, action: 'decline' }));
    });
  }

  async #worker(): Promise<Worker> {
    const running = this.#context.serviceWorkers().find((worker) => worker.url().startsWith(this.#origin));
    return running ?? this.#context.waitForEvent('serviceworker');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#devtools.detach().catch(() => undefined);
  }
}

/** Runs in the page: the browser's own push service is ours. */
function subscribeAt(facts: PushSubscriptionFacts): void {
  if (typeof PushManager === 'undefined') return;
  let isSubscribed = false;
  let key: ArrayBuffer | null = null;
  const subscription = {
    endpoint: facts.endpoint,
    get options() {
      return { applicationServerKey: key };
    },
    toJSON: () => facts,
    unsubscribe: async () => {
      isSubscribed = false;
      return true;
    },
  } as unknown as PushSubscription;
  PushManager.prototype.getSubscription = async () => (isSubscribed ? subscription : null);
  PushManager.prototype.subscribe = async (options) => {
    const { applicationServerKey } = options ?? {};
    if (typeof applicationServerKey !== 'string') throw new TypeError('a key is needed');
    const characters = atob(applicationServerKey.replaceAll('-', '+').replaceAll('_', '/'));
    key = Uint8Array.from(characters, (character) => character.charCodeAt(0)).buffer;
    isSubscribed = true;
    return subscription;
  };
}
