/** A button of a notification. */
export interface NotificationButton {
  readonly action: string;
  readonly title: string;
}

/** What notifications ask of the page around them. */
export interface NotificationSurroundings {
  /** Whether somebody looks at the page. */
  isSeen(): boolean;
  /** Shows one, where that is allowed; returns what takes it away. */
  show(title: string, options: NotificationOptionsOf, buttons: readonly NotificationButton[]): () => void;
  /** Hears what the service worker says; returns what stops it. */
  hear(listener: (message: unknown) => void): () => void;
}

interface NotificationOptionsOf {
  readonly body: string;
  readonly tag: string;
  readonly data: unknown;
  readonly icon?: string;
}

/** A web page, with or without a service worker. */
export function browserSurroundings(
  registration: ServiceWorkerRegistration | undefined,
): NotificationSurroundings {
  return {
    isSeen: () => document.visibilityState === 'visible' && document.hasFocus(),
    show: (title, options, buttons) => {
      if (typeof Notification === 'undefined' || Notification.permission !== 'granted')
        return () => undefined;
      return registration === undefined
        ? showByPage(title, options)
        : showByWorker(registration, title, { ...options, actions: buttons } as NotificationOptions);
    },
    hear: (listener) => {
      const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
      if (serviceWorker === undefined) return () => undefined;
      const onMessage = ({ data }: MessageEvent<unknown>): void => listener(data);
      serviceWorker.addEventListener('message', onMessage);
      return () => serviceWorker.removeEventListener('message', onMessage);
    },
  };
}

function showByPage(title: string, options: NotificationOptions): () => void {
  let notification: Notification;
  try {
    notification = new Notification(title, options);
  } catch {
    // Browsers on telephones show them by service workers alone.
    return () => undefined;
  }
  notification.addEventListener('click', () => {
    window.focus();
    notification.close();
  });
  return () => notification.close();
}

function showByWorker(
  registration: ServiceWorkerRegistration,
  title: string,
  options: NotificationOptions,
): () => void {
  let isOver = false;
  const close = async (): Promise<void> => {
    const shown = await registration.getNotifications(options.tag === undefined ? {} : { tag: options.tag });
    for (const notification of shown) notification.close();
  };
  registration
    .showNotification(title, options)
    .then(() => (isOver ? close() : undefined))
    // Taken back meanwhile: then there is nothing to show.
    .catch(() => undefined);
  return () => {
    isOver = true;
    close().catch(() => undefined);
  };
}
