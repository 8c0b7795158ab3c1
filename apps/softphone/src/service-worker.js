// Lets the page be installed and opened while the gateway is away; brings it forward when a notification is clicked; and,
// where the gateway sends pushes, shows calls while no page is open. `vite.config.ts` makes one classic script of it.
import { answerClicks, answerPushes } from '@parley/client/notifications';

const SHELL = 'parley-shell';
const PATIENCE_MS = 4000;

// It does not claim the pages that are open: a page in the back/forward cache would be thrown away for that, and its session
// with it. Those loaded from now on are its own.
addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(['/', '/favicon.svg'])));
  self.skipWaiting();
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate' && url.pathname === '/') event.respondWith(newestPage(request));
  // Their names change with what is in them, so that what is kept is never old.
  else if (url.pathname.startsWith('/assets/')) event.respondWith(kept(request));
});

answerClicks(self);
answerPushes(self, {
  icon: '/favicon.svg',
  body: ({ from, to, video }) => `${from} is calling ${to}${video ? ' with video' : ''}`,
  page: ({ to }) => `/?as=${encodeURIComponent(to)}`,
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
