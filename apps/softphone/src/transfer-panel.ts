import type { Call, PresenceEntry } from '@parley/client';
import { avatar } from './avatar.ts';
import { otherOf } from './calls.ts';
import { icon } from './icons.ts';
import { presenceNote } from './suggestion.ts';
import { el, keepRows, watch, type Readable, type Scope } from './view.ts';

export interface TransferOptions {
  readonly call: Call;
  readonly self: string;
  readonly people: Readable<readonly PresenceEntry[]>;
  /** The other calls of this person, which one may be connected with. */
  readonly others: Readable<readonly Call[]>;
  readonly onProblem: (error: unknown) => void;
  readonly onDone: () => void;
}

const PEOPLE_MAX = 5;

/** Hands the other side over: to somebody who is then called, or to the other side of a call that is on hold. */
export function createTransferPanel(options: TransferOptions, scope: Scope): HTMLElement {
  const { call, self, people, others, onProblem, onDone } = options;
  const give = (to: string | Call): void => {
    onDone();
    call.transfer({ to }).catch((error: unknown) => {
      // A call that has ended meanwhile says why in its own line.
      if (call.store.getSnapshot().phase !== 'ended') onProblem(error);
    });
  };
  const input = el('input', {
    id: 'transfer-to',
    maxlength: 128,
    placeholder: 'A name',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    enterkeyhint: 'go',
    'data-testid': 'transfer-to',
  });
  const rows = el('ul', { class: 'panel-list', 'aria-label': 'Hand over to' });
  const showPeople = keepRows<PresenceEntry>(
    rows,
    ({ identity }) => identity,
    (person) => personRow(person, () => give(person.identity)),
    scope,
  );
  const held = el('ul', { class: 'panel-list', 'aria-label': 'Connect with' });
  const showHeld = keepRows<Call>(
    held,
    ({ callId }) => callId,
    (other) => heldRow(call, other, () => give(other)),
    scope,
  );
  watch(
    others,
    (calls) => calls,
    (calls) => {
      showHeld(calls);
      held.hidden = calls.length === 0;
    },
    scope,
  );
  const write = (): void => {
    const there = otherOf(call.store.getSnapshot());
    showPeople(
      people
        .getSnapshot()
        .filter(({ identity, devices }) => devices > 0 && identity !== self && identity !== there)
        .toSorted((a, b) => Number(a.busy) - Number(b.busy) || a.identity.localeCompare(b.identity))
        .slice(0, PEOPLE_MAX),
    );
  };
  watch(people, (list) => list, write, scope);
  return el(
    'section',
    {
      id: 'transfer-panel',
      class: 'panel',
      'aria-label': 'Transfer',
      hidden: true,
      'data-testid': 'transfer-panel',
    },
    [
      el('h3', {}, ['Transfer this call']),
      held,
      el(
        'form',
        { class: 'panel-form' },
        [
          el('label', { for: 'transfer-to', class: 'visually-hidden' }, ['Hand over to']),
          input,
          el('button', { type: 'submit', class: 'panel-button', 'data-testid': 'transfer-now' }, [
            'Transfer',
          ]),
        ],
        {
          submit: (event) => {
            event.preventDefault();
            const to = input.value.trim();
            if (to === '') input.focus();
            else give(to);
          },
        },
      ),
      rows,
    ],
  );
}

function personRow(person: PresenceEntry, onClick: () => void) {
  const note = el('span', { class: 'hint' });
  const element = el('li', {}, [
    el(
      'button',
      { type: 'button', class: 'panel-row' },
      [
        avatar(person.identity),
        el('span', { class: 'who' }, [el('span', { class: 'name' }, [person.identity]), note]),
      ],
      {
        click: onClick,
      },
    ),
  ]);
  return { element, update: (newer: PresenceEntry) => void (note.textContent = presenceNote(newer)) };
}

function heldRow(call: Call, other: Call, onClick: () => void) {
  const [here, there] = [call, other].map((each) => otherOf(each.store.getSnapshot()));
  const words = `Connect ${here} with ${there}`;
  const element = el('li', {}, [
    el(
      'button',
      { type: 'button', class: 'panel-row panel-row-strong', 'data-testid': 'connect-both' },
      [icon('merge'), words],
      {
        click: onClick,
      },
    ),
  ]);
  return { element, update: () => undefined };
}
