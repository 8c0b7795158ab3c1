import type { Calls, LastCall } from './calls.ts';
import { spokenDuration } from './duration.ts';
import { icon } from './icons.ts';
import { el, watch, type Scope } from './view.ts';

/** Why the last call ended, until dismissed or followed by another one. */
export function createLastCall(calls: Calls, onCall: (to: string) => void, scope: Scope): HTMLElement {
  const element = el('section', {
    'aria-label': 'Last call',
    tabindex: -1,
    hidden: true,
    'data-testid': 'last-call',
  });
  watch(
    calls.last,
    (last) => last,
    (last) => {
      element.hidden = last === null;
      if (last === null) return;
      element.className = `last-call tone-${last.tone}`;
      element.replaceChildren(
        icon(last.tone === 'problem' ? 'warning' : last.direction === 'incoming' ? 'arrowIn' : 'arrowOut'),
        el('div', { class: 'who' }, [
          el('p', { class: 'sentence' }, [last.sentence]),
          el('p', { class: 'hint' }, [lastCallNote(last)]),
        ]),
        button('phone', `Call ${last.other} again`, () => onCall(last.other)),
        button('close', 'Dismiss', calls.forgetLast),
      );
    },
    scope,
  );
  return element;
}

/** Who it was and how long: "Call with jenny, 2 minutes 3 seconds". */
export function lastCallNote({
  other,
  direction,
  durationMs,
}: Omit<LastCall, 'sentence' | 'tone' | 'video'>): string {
  if (durationMs >= 1000) return `Call with ${other}, ${spokenDuration(durationMs)}`;
  return direction === 'incoming' ? `Call from ${other}` : `Call to ${other}`;
}

function button(face: 'phone' | 'close', name: string, onClick: () => void): HTMLElement {
  return el('button', { type: 'button', class: 'round', 'aria-label': name, title: name }, [icon(face)], {
    click: onClick,
  });
}
