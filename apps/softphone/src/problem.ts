import { ClientError } from '@parley/client';
import { icon } from './icons.ts';
import { el } from './view.ts';

export interface Problem {
  readonly element: HTMLElement;
  readonly show: (error: unknown) => void;
  readonly clear: () => void;
}

/** The last thing that went wrong, until it is closed or something new is tried. */
export function createProblem(): Problem {
  const words = el('p', { class: 'who', role: 'alert' });
  const element = el('div', { class: 'problem problem-line', hidden: true, 'data-testid': 'problem' }, [
    words,
  ]);
  const clear = (): void => {
    element.hidden = true;
    words.textContent = '';
  };
  element.append(
    el('button', { type: 'button', class: 'round', 'aria-label': 'Close', title: 'Close' }, [icon('close')], {
      click: clear,
    }),
  );
  return {
    element,
    show: (error) => {
      element.hidden = false;
      words.textContent = problemWords(error);
    },
    clear,
  };
}

/** An error as a person may be told: what happened, and what can be done about it. */
export function problemWords(error: unknown): string {
  if (error instanceof ClientError) {
    // What a browser says of a device is written for whoever wrote the page.
    const what = error.category === 'device' ? (error.causes[0] ?? error.message) : error.message;
    return [what, error.solutions[0]].filter(Boolean).map(asSentence).join(' ');
  }
  return asSentence(error instanceof Error ? error.message : String(error));
}

function asSentence(text: string | undefined): string {
  const words = text?.trim() ?? '';
  if (words === '') return '';
  const first = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}
