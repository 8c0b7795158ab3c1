import { icon } from './icons.ts';
import { createThemeChoice } from './theme.ts';
import { el, innerScope, watch, type Readable, type Scope } from './view.ts';

export interface Settings {
  readonly element: HTMLElement;
  readonly open: () => void;
}

/** What of the settings can be made only while they are shown: a meter that listens, a camera's picture. */
export type SettingsSection = (scope: Scope) => HTMLElement;

/**
 * How this page looks and sounds, in a dialog of the browser's own: it keeps the focus inside, and Escape closes it.
 * Its contents are made when it opens and end when it closes, so that no microphone stays open behind it. A call that
 * comes in closes it: the card of the call must be seen.
 */
export function createSettings(
  sections: readonly SettingsSection[],
  isRinging: Readable<boolean>,
  outer: Scope,
): Settings {
  const body = el('div', { class: 'settings-body' });
  const close = el(
    'button',
    { type: 'button', class: 'round', 'aria-label': 'Close', title: 'Close' },
    [icon('close')],
    {
      click: () => element.close(),
    },
  );
  const element = el(
    'dialog',
    { class: 'settings', 'aria-labelledby': 'settings-title', 'data-testid': 'settings-dialog' },
    [
      el('header', { class: 'settings-head' }, [el('h2', { id: 'settings-title' }, ['Settings']), close]),
      body,
    ],
  );
  let scope = innerScope(outer);
  const open = (): void => {
    if (element.open) return;
    scope = innerScope(outer);
    body.replaceChildren(...sections.map((section) => section(scope.signal)), createThemeChoice());
    element.showModal();
  };
  element.addEventListener('close', () => {
    scope.abort();
    body.replaceChildren();
  });
  // A click beside the dialog is one on the dialog's own backdrop.
  element.addEventListener('click', (event) => {
    if (event.target === element) element.close();
  });
  watch(
    isRinging,
    (value) => value,
    (value) => {
      if (value) element.close();
    },
    outer,
  );
  outer.addEventListener('abort', () => element.close(), { once: true });
  return { element, open };
}
