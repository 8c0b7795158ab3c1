// The same page on the SDK. Bundled for the browser by the bench.
// oxlint-disable-next-line no-restricted-imports -- This page is an application, and applications import the SDK.
import { Device, type Call } from '@parley/client';
import { PICTURE } from './picture.ts';

const identity = new URL(location.href).searchParams.get('as') ?? '';
const video = document.querySelector('video');
const incoming = document.querySelector<HTMLElement>('[data-testid="incoming"]');
let ringing: Call | null = null;

const device = new Device(async () => {
  const response = await fetch(`/demo/token?identity=${identity}`);
  return ((await response.json()) as { token: string }).token;
});
device.on('incoming', (call) => {
  ringing = call;
  if (incoming !== null) incoming.hidden = false;
  follow(call);
});
onClick('call-video', () => void device.connect({ to: 'jenny', video: PICTURE }).then(follow));
onClick('accept-video', () => void ringing?.accept({ video: PICTURE }));
onClick('hangup', () => void device.activeCall?.disconnect());
void device.register().then(() => {
  document.body.dataset['state'] = 'registered';
});

function follow(call: Call): void {
  const detach = video === null ? () => undefined : call.media.attach(video);
  void call.ended.then(() => {
    detach();
    if (incoming !== null) incoming.hidden = true;
  });
}

function onClick(testId: string, action: () => void): void {
  document.querySelector(`[data-testid="${testId}"]`)?.addEventListener('click', action);
}
