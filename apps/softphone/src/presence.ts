import type { PresenceEntry } from '@parley/client';
import { avatar } from './avatar.ts';
import { icon } from './icons.ts';
import { presenceKind, presenceNote } from './suggestion.ts';
import { el, keepRows, watch, type Readable, type Scope } from './view.ts';

export interface PresenceOptions {
  readonly people: Readable<readonly PresenceEntry[]>;
  readonly self: string;
  readonly canCall: Readable<boolean>;
  readonly onCall: (to: string, video: boolean) => void;
}

/** Who is there, and two buttons to call each. */
export function createPresence(options: PresenceOptions, scope: Scope): HTMLElement {
  const list = el('ul', { 'aria-label': 'People', 'data-testid': 'presence' });
  const write = keepRows<PresenceEntry>(
    list,
    (person) => person.identity,
    (person, inner) => createRow(person, options, inner),
    scope,
  );
  const nobody = el('p', { class: 'empty' }, [
    'Nobody else is here yet. ',
    el(
      'a',
      {
        class: 'link',
        href: `/?as=${options.self === 'jenny' ? 'alice' : 'jenny'}`,
        target: '_blank',
        rel: 'noopener',
      },
      [`Open a second window as ${options.self === 'jenny' ? 'alice' : 'jenny'}`],
    ),
    ' and call each other.',
  ]);

  watch(
    options.people,
    (people) => people,
    (people) => {
      const others = people.filter((person) => person.identity !== options.self);
      write(others.toSorted((a, b) => a.identity.localeCompare(b.identity)));
      nobody.hidden = others.length > 0;
      list.hidden = others.length === 0;
    },
    scope,
  );
  return el('div', {}, [list, nobody]);
}

function createRow(
  { identity }: PresenceEntry,
  { canCall, onCall }: PresenceOptions,
  scope: Scope,
): { element: HTMLElement; update(person: PresenceEntry): void } {
  const dot = el('span', { class: 'dot' });
  const note = el('div', { class: 'hint' });
  const audio = el(
    'button',
    { type: 'button', class: 'round', 'aria-label': `Call ${identity}`, title: `Call ${identity}` },
    [icon('phone')],
    { click: () => onCall(identity, false) },
  );
  const video = el(
    'button',
    {
      type: 'button',
      class: 'round',
      'aria-label': `Video call ${identity}`,
      title: `Video call ${identity}`,
    },
    [icon('video')],
    { click: () => onCall(identity, true) },
  );
  watch(
    canCall,
    (value) => value,
    (value) => {
      audio.disabled = !value;
      video.disabled = !value;
    },
    scope,
  );
  return {
    element: el('li', { class: 'person', 'data-identity': identity }, [
      avatar(identity, dot),
      el('div', { class: 'who' }, [el('div', { class: 'name' }, [identity]), note]),
      audio,
      video,
    ]),
    update(person) {
      dot.className = `dot dot-${presenceKind(person)}`;
      note.textContent = presenceNote(person);
    },
  };
}
