import { icon } from './icons.ts';
import { el, watch, type Readable, type Scope } from './view.ts';

/** Says that the browser keeps this page silent until it is clicked, and offers the click. */
export function createSoundNotice(
  isBlocked: Readable<boolean>,
  onUnblock: () => void,
  scope: Scope,
): HTMLElement {
  const element = el('div', { class: 'notice-line', hidden: true, 'data-testid': 'sound-notice' }, [
    el('p', { class: 'who' }, ['Your browser keeps this page silent until you click.']),
    el('button', { type: 'button', class: 'button button-quiet' }, [icon('speaker'), 'Turn sound on'], {
      click: onUnblock,
    }),
  ]);
  watch(
    isBlocked,
    (value) => value,
    (value) => void (element.hidden = !value),
    scope,
  );
  return element;
}
