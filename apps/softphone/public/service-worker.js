// Lets the page be installed and opened while the gateway is away, and brings it forward when a notification is clicked.
// It rings nobody by itself: a call reaches a page that is open, be it in the background (see the README).

const SHELL = 'parley-shell';
const PATIENCE_MS = 4000;

addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(['/', '/favicon.svg'])));
  self.skipWaiting();
});

addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate' && url.pathname === '/') event.respondWith(newestPage(request));
  // Their names change with what is in them, so that what is kept is never old.
  else if (url.pathname.startsWith('/assets/')) event.respondWith(kept(request));
});

// What `answerClicks` of @parley/client/notifications does, written out: this file is served as it stands.
addEventListener('notificationclick', (event) => {
  const { notification, action } = event;
  const callId = notification.data?.parleyCallId;
  if (typeof callId !== 'string') return;
  notification.close();
  event.waitUntil(tell({ type: 'parley-notification', callId, action }));
});

/** The page as the gateway has it; as it was, where the gateway does not answer. */
async function newestPage(request) {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) {
      await forgetOldAssets(cache);
      await cache.put('/', answer.clone());
    }
    return answer;
  } catch (error) {
    const before = await cache.match('/');
    if (before === undefined) throw error;
    return before;
  }
}

async function kept(request) {
  const cache = await caches.open(SHELL);
  const before = await cache.match(request);
  if (before !== undefined) return before;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

/** What an earlier version of the page was made of would be kept for ever. */
async function forgetOldAssets(cache) {
  const page = await (await cache.match('/'))?.text();
  const assets = (await cache.keys()).filter(({ url }) => new URL(url).pathname.startsWith('/assets/'));
  // The page names its first files only; those that come later are few, and are kept up to a number.
  if (page === undefined || assets.length < 60) return;
  await Promise.all(assets.map((asset) => cache.delete(asset)));
}

/** Every page of the person may have the call; one that has not, leaves it. */
async function tell(message) {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const each of windows) each.postMessage(message);
  if (message.action !== 'decline') await windows[0]?.focus();
}
