import { icon } from './icons.ts';
import { el } from './view.ts';

export interface SignInWish {
  readonly name: string;
  readonly deviceLabel: string;
}

export interface SignInView {
  readonly element: HTMLElement;
  /** Shows that it takes a moment, or that it is the person's turn again, with what went wrong. */
  setBusy(isBusy: boolean, problem?: string): void;
}

/** Asks who is here. Calls `onSignIn` with names that are not blank. */
export function createSignIn(initial: SignInWish, onSignIn: (wish: SignInWish) => void): SignInView {
  const name = el('input', {
    id: 'name',
    name: 'name',
    value: initial.name,
    required: true,
    maxlength: 128,
    placeholder: 'alice',
    autocomplete: 'username',
    autocapitalize: 'none',
    spellcheck: 'false',
    autofocus: true,
    'data-testid': 'sign-in-name',
  });
  const label = el('input', {
    id: 'device-label',
    name: 'device-label',
    value: initial.deviceLabel,
    maxlength: 128,
    autocomplete: 'off',
    'aria-describedby': 'device-label-hint',
    'data-testid': 'device-label',
  });
  const button = el('button', { type: 'submit', class: 'button', 'data-testid': 'sign-in' }, ['Sign in']);
  const problem = el('p', { class: 'problem', role: 'alert', hidden: true, 'data-testid': 'problem' });

  const form = el(
    'form',
    {},
    [
      el('div', { class: 'field' }, [el('label', { for: 'name' }, ['Your name']), name]),
      el('div', { class: 'field' }, [
        el('label', { for: 'device-label' }, ['This device']),
        label,
        el('span', { class: 'hint', id: 'device-label-hint' }, [
          'Shown on your other devices when you answer here.',
        ]),
      ]),
      problem,
      button,
    ],
    {
      submit: (event) => {
        event.preventDefault();
        const wish = { name: name.value.trim(), deviceLabel: label.value.trim() };
        if (wish.name === '') name.focus();
        else onSignIn(wish);
      },
    },
  );

  const element = el('main', { class: 'sign-in' }, [
    el('div', { class: 'sign-in-card' }, [
      el('div', { class: 'brand' }, [el('span', { class: 'brand-mark' }, [icon('phone')]), 'Parley']),
      el('div', { class: 'stack-tight' }, [
        el('h1', {}, ['Sign in to be called by name']),
        el('p', { class: 'hint' }, ['A demo without passwords: take any name. Who dials it rings you here.']),
      ]),
      form,
    ]),
  ]);

  return {
    element,
    setBusy(isBusy, message) {
      button.disabled = isBusy;
      button.textContent = isBusy ? 'Signing in…' : 'Sign in';
      problem.hidden = message === undefined;
      problem.textContent = message ?? '';
    },
  };
}
