import type { Device } from '@parley/client';
import { avatar } from './avatar.ts';
import { icon } from './icons.ts';
import { statusWords } from './status-words.ts';
import { el, watch, type Readable, type Scope } from './view.ts';

export interface StatusLineOptions {
  readonly device: Device;
  readonly self: string;
  /** Whether this person takes part in a call; one that only rings does not count. */
  readonly isBusy: Readable<boolean>;
  readonly onSettings: () => void;
  readonly onSignOut: () => void;
}

/** Who is signed in here, how this device stands, and the way out. */
export function createStatusLine(
  { device, self, isBusy, onSettings, onSignOut }: StatusLineOptions,
  scope: Scope,
): HTMLElement {
  const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
  const text = el('span');
  const status = el('p', { class: 'status', role: 'status', 'data-testid': 'status' }, [dot, text]);
  const write = (): void => {
    const snapshot = device.store.getSnapshot();
    const words = statusWords(snapshot, isBusy.getSnapshot());
    text.textContent = words.text;
    dot.className = `dot dot-${words.dot}`;
    status.dataset['state'] = snapshot.state;
  };
  watch(device.store, ({ state, connection, rings }) => [state, connection, rings], write, scope);
  watch(isBusy, (value) => value, write, scope);

  return el('header', { class: 'side-head' }, [
    avatar(self),
    el('div', { class: 'who' }, [el('h1', { class: 'name own-name' }, [self]), status]),
    el(
      'button',
      {
        type: 'button',
        class: 'round',
        'aria-label': 'Settings',
        title: 'Settings',
        'data-testid': 'settings',
      },
      [icon('settings')],
      { click: onSettings },
    ),
    el(
      'button',
      {
        type: 'button',
        class: 'round',
        'aria-label': 'Sign out',
        title: 'Sign out',
        'data-testid': 'sign-out',
      },
      [icon('leave')],
      { click: onSignOut },
    ),
  ]);
}
