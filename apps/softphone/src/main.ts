import { Device } from '@parley/client';
import { answerFromPush } from '@parley/client/notifications';
import './style.css';
import './panels.css';
import { createAnnouncer } from './announcer.ts';
import { demoTokens } from './demo-token.ts';
import { deviceLabelFrom } from './device-label.ts';
import { installServiceWorker } from './install.ts';
import { ringWhileClosed, stopRingingWhileClosed } from './notify.ts';
import { createPhone } from './phone.ts';
import { loadPreferences, savePreferences } from './preferences.ts';
import { problemWords } from './problem.ts';
import { createSignIn, type SignInWish } from './sign-in.ts';
import { applyTheme } from './theme.ts';

declare global {
  interface Window {
    /** The device of this page, to poke at in the console. A product does not put it here. */
    parleyDevice?: Device;
  }
}

/** How long signing in may take before the person is told. */
const SIGN_IN_TIMEOUT_MS = 15_000;

applyTheme();
installServiceWorker();
const app = byId('app');
const announcer = createAnnouncer(byId('polite'), byId('assertive'));
start(new URL(location.href).searchParams.get('as')?.trim() ?? '');

/** Shows the sign-in; with a name in the address, `?as=alice`, goes straight on. */
function start(as: string): void {
  const { name, deviceLabel } = loadPreferences();
  const initial = {
    name: as === '' ? name : as,
    deviceLabel: deviceLabel === '' ? deviceLabelFrom(navigator.userAgent) : deviceLabel,
  };
  const view = createSignIn(initial, (wish) => {
    view.setBusy(true);
    signIn(wish).catch((error: unknown) => view.setBusy(false, problemWords(error)));
  });
  document.title = 'Sign in – Parley';
  app.replaceChildren(view.element);
  if (as === '') return;
  view.setBusy(true);
  signIn(initial).catch((error: unknown) => view.setBusy(false, problemWords(error)));
}

async function signIn({ name, deviceLabel }: SignInWish): Promise<void> {
  const device = new Device(demoTokens(name), { deviceLabel });
  const signal = AbortSignal.timeout(SIGN_IN_TIMEOUT_MS);
  // A call that was answered in its notification, which has opened this page.
  answerFromPush(device);
  try {
    // Asked first: a device that has registered has a session of its own, and is offered nothing of the page before.
    device.resumable().catch(() => undefined);
    await device.register({ signal });
  } catch (error) {
    await device.destroy();
    throw signal.aborted ? new Error('The gateway does not answer. Is it running?', { cause: error }) : error;
  }
  savePreferences({ name, deviceLabel });
  // A gateway that pushes nothing, and a browser that cannot be reached, are as good as before.
  ringWhileClosed(demoTokens(name)).catch(() => undefined);
  showPhone(device, name);
}

function showPhone(device: Device, self: string): void {
  const scope = new AbortController();
  window.parleyDevice = device;
  const onSignOut = (): void => {
    scope.abort();
    delete window.parleyDevice;
    void device.destroy();
    stopRingingWhileClosed(demoTokens(self)).catch(() => undefined);
    history.replaceState(null, '', location.pathname);
    start('');
  };
  app.replaceChildren(
    createPhone({ device, self, tokens: demoTokens(self), announcer, onSignOut }, scope.signal),
  );
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no element #${id}`);
  return element;
}
