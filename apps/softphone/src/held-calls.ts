import type { Call } from '@parley/client';
import { avatar } from './avatar.ts';
import { otherOf, type Calls } from './calls.ts';
import { icon } from './icons.ts';
import { el, keepRows, watch, type Scope } from './view.ts';

/** The calls beside the current one, which wait on hold: who they are, a button that takes one back, one that ends it. */
export function createHeldCalls(
  calls: Calls,
  onProblem: (error: unknown) => void,
  scope: Scope,
): HTMLElement {
  const list = el('ul', {
    class: 'held-calls',
    'aria-label': 'Calls on hold',
    hidden: true,
    'data-testid': 'held-calls',
  });
  const write = keepRows<Call>(
    list,
    ({ callId }) => callId,
    (call, inner) => createRow(call, onProblem, inner),
    scope,
  );
  watch(
    calls.others,
    (others) => others,
    (others) => {
      list.hidden = others.length === 0;
      write(others);
    },
    scope,
  );
  return list;
}

function createRow(call: Call, onProblem: (error: unknown) => void, scope: Scope) {
  const who = otherOf(call.store.getSnapshot());
  const note = el('span', { class: 'hint' });
  watch(
    call.store,
    ({ held, phase }) => (held.local ? 'On hold' : phase === 'joined' ? 'Waiting' : 'Connecting…'),
    (words) => void (note.textContent = words),
    scope,
  );
  const element = el('li', { class: 'held-call' }, [
    avatar(who),
    el('div', { class: 'who' }, [el('div', { class: 'name' }, [who]), note]),
    el(
      'button',
      {
        type: 'button',
        class: 'button button-stage',
        'aria-label': `Switch to ${who}`,
        'data-testid': 'swap',
      },
      [icon('resume'), 'Switch'],
      {
        // Taking one back puts the other on hold: the SDK talks with one side at a time.
        click: () => void call.hold(false).catch(onProblem),
      },
    ),
    el(
      'button',
      { type: 'button', class: 'round', 'aria-label': `Hang up ${who}`, title: `Hang up ${who}` },
      [icon('hangup')],
      {
        click: () => void call.disconnect(),
      },
    ),
  ]);
  return { element, update: () => undefined };
}
