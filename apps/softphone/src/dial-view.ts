import type { PresenceEntry } from '@parley/client';
import { avatar } from './avatar.ts';
import { icon } from './icons.ts';
import { suggest, type Suggestion } from './suggestion.ts';
import { el, setAttribute, watch, type Readable, type Scope } from './view.ts';

export interface DialOptions {
  readonly people: Readable<readonly PresenceEntry[]>;
  readonly self: string;
  /** Whether a call can be placed now: one at a time is. */
  readonly canCall: Readable<boolean>;
  readonly onCall: (to: string, video: boolean) => void;
}

/**
 * Whom to call: an editable combobox with list autocomplete (ARIA Authoring Practices 1.2). Focus stays in the field;
 * the arrows move through the suggestions; Enter calls the one marked, or else what was typed.
 */
export function createDialView(options: DialOptions, scope: Scope): HTMLElement {
  const input = el('input', {
    id: 'dial',
    role: 'combobox',
    placeholder: 'A name, for example jenny',
    maxlength: 128,
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    enterkeyhint: 'go',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': 'suggestions',
    'aria-describedby': 'dial-hint',
    'data-testid': 'dial',
  });
  const list = el('ul', {
    id: 'suggestions',
    class: 'suggestions',
    role: 'listbox',
    'aria-label': 'People',
    hidden: true,
  });
  const audio = el(
    'button',
    { type: 'submit', class: 'button', 'aria-keyshortcuts': 'Enter', 'data-testid': 'call-audio' },
    [icon('phone'), 'Call'],
  );
  const video = el(
    'button',
    {
      type: 'button',
      class: 'button button-soft',
      'aria-keyshortcuts': 'Shift+Enter',
      'data-testid': 'call-video',
    },
    [icon('video'), 'Video call'],
  );

  let shown: readonly Suggestion[] = [];
  let marked = -1;

  const mark = (index: number): void => {
    marked = index;
    Array.from(list.children).forEach((option, at) =>
      setAttribute(option, 'aria-selected', String(at === index)),
    );
    setAttribute(input, 'aria-activedescendant', index < 0 ? undefined : optionId(index));
    list.children[index]?.scrollIntoView({ block: 'nearest' });
  };
  const close = (): void => {
    list.hidden = true;
    setAttribute(input, 'aria-expanded', 'false');
    mark(-1);
  };
  const open = (): void => {
    shown = suggest(input.value, options.people.getSnapshot(), options.self);
    list.replaceChildren(...shown.map((suggestion, index) => createOption(suggestion, index)));
    list.hidden = shown.length === 0;
    setAttribute(input, 'aria-expanded', String(shown.length > 0));
    mark(-1);
  };
  const call = (withVideo: boolean): void => {
    const to = (shown[marked]?.name ?? input.value).trim();
    close();
    if (to === '') {
      input.focus();
      return;
    }
    if (!options.canCall.getSnapshot()) return;
    input.value = to;
    options.onCall(to, withVideo);
  };
  const step = (by: 1 | -1): void => {
    if (list.hidden) open();
    if (shown.length === 0) return;
    // One place more than there are options: past the last one, nothing is marked and the typed text counts.
    const places = shown.length + 1;
    mark(((marked + 1 + by + places) % places) - 1);
  };

  const onKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown') step(1);
    else if (event.key === 'ArrowUp') step(-1);
    else if (event.key === 'Enter') call(event.shiftKey);
    else if (event.key === 'Escape' && !list.hidden) close();
    else if (event.key === 'Escape' && input.value !== '') input.value = '';
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  input.addEventListener('input', open, { signal: scope });
  input.addEventListener('click', open, { signal: scope });
  input.addEventListener('blur', close, { signal: scope });
  input.addEventListener('keydown', onKey, { signal: scope });
  // Before the field loses its focus, so that the list is still there when the click arrives.
  list.addEventListener('pointerdown', (event) => event.preventDefault(), { signal: scope });
  list.addEventListener(
    'click',
    (event) => {
      const option = event.target instanceof Element ? event.target.closest('[role=option]') : null;
      const suggestion = shown[Array.from(list.children).findIndex((child) => child === option)];
      if (suggestion === undefined) return;
      input.value = suggestion.name;
      close();
    },
    { signal: scope },
  );
  video.addEventListener('click', () => call(true), { signal: scope });

  watch(
    options.canCall,
    (can) => can,
    (can) => {
      audio.disabled = !can;
      video.disabled = !can;
    },
    scope,
  );
  watch(
    options.people,
    (people) => people,
    () => {
      if (!list.hidden && marked < 0) open();
    },
    scope,
  );

  return el(
    'form',
    { class: 'dial', role: 'search', 'aria-label': 'Call somebody' },
    [
      el('div', { class: 'field' }, [el('label', { for: 'dial' }, ['Call']), input]),
      el('div', { class: 'dial-actions' }, [audio, video]),
      el('p', { class: 'visually-hidden', id: 'dial-hint' }, [
        'Arrow keys choose a suggestion. Enter calls with audio, Shift and Enter with video.',
      ]),
      list,
    ],
    {
      submit: (event) => {
        event.preventDefault();
        call(false);
      },
    },
  );
}

function optionId(index: number): string {
  return `suggestion-${index}`;
}

function createOption({ name, note, kind }: Suggestion, index: number): HTMLElement {
  const dot = kind === 'demo' ? [] : [el('span', { class: `dot dot-${kind}` })];
  return el('li', { id: optionId(index), class: 'suggestion', role: 'option', 'aria-selected': 'false' }, [
    avatar(name, ...dot),
    el('span', { class: 'who' }, [
      el('span', { class: 'name' }, [name]),
      el('div', { class: 'hint' }, [note]),
    ]),
  ]);
}
