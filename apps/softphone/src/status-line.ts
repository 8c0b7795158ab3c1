import type { Device } from '@parley/client';
import { avatar } from './avatar.ts';
import { icon } from './icons.ts';
import { statusWords } from './status-words.ts';
import { el, watch, type Scope } from './view.ts';

/** Who is signed in here, how this device stands, and the way out. */
export function createStatusLine(device: Device, self: string, onSignOut: () => void, scope: Scope): HTMLElement {
  const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
  const text = el('span', {});
  const status = el('p', { class: 'status', role: 'status', 'data-testid': 'status' }, [dot, text]);
  watch(
    device.store,
    (snapshot) => statusWords(snapshot).text,
    (words) => {
      text.textContent = words;
      dot.className = `dot dot-${statusWords(device.store.getSnapshot()).dot}`;
    },
    scope,
  );
  watch(device.store, ({ state }) => state, (state) => void (status.dataset['state'] = state), scope);
  return el('header', { class: 'side-head' }, [
    avatar(self),
    el('div', { class: 'who' }, [el('h1', { class: 'name own-name' }, [self]), status]),
    el('button', { type: 'button', class: 'round', 'aria-label': 'Sign out', title: 'Sign out', 'data-testid': 'sign-out' }, [icon('leave')], {
      click: onSignOut,
    }),
  ]);
}
