import { el, type Scope } from './view.ts';

const KEYS = [
  // Blank, so that it stands as high as its neighbours.
  ['1', ''],
  ['2', 'ABC'],
  ['3', 'DEF'],
  ['4', 'GHI'],
  ['5', 'JKL'],
  ['6', 'MNO'],
  ['7', 'PQRS'],
  ['8', 'TUV'],
  ['9', 'WXYZ'],
  ['*'],
  ['0'],
  ['#'],
] as const satisfies readonly (readonly [digit: string, letters?: string])[];

const SPOKEN: Partial<Record<string, string>> = { '*': 'star', '#': 'hash' };

/** Whether a key of the keyboard is a key of the telephone. */
export function isDigit(key: string): boolean {
  return /^[0-9*#]$/.test(key);
}

export interface Keypad {
  readonly element: HTMLElement;
  /** As if the key had been clicked; for the keyboard. */
  press(digit: string): void;
}

/** Twelve keys and what has been pressed so far. The tones are the SDK's. */
export function createKeypad(onDigit: (digit: string) => void, scope: Scope): Keypad {
  const output = el('output', { 'aria-label': 'Digits sent', 'data-testid': 'digits' });
  const press = (digit: string): void => {
    output.textContent = `${output.textContent ?? ''}${digit}`.slice(-40);
    onDigit(digit);
    const key = keys.get(digit);
    key?.classList.add('is-down');
    setTimeout(() => key?.classList.remove('is-down'), 140);
  };
  const keys = new Map<string, HTMLElement>(
    KEYS.map(([digit, letters]) => {
      const key = el(
        'button',
        { type: 'button', class: 'key', 'aria-label': SPOKEN[digit], 'data-testid': `key-${digit}` },
        letters === undefined ? [digit] : [`${digit} `, el('small', {}, [letters])],
      );
      key.addEventListener('click', () => press(digit), { signal: scope });
      return [digit, key];
    }),
  );
  const element = el(
    'div',
    { id: 'keypad-panel', class: 'keypad', role: 'group', 'aria-label': 'Keypad', hidden: true },
    [output, el('div', { class: 'keypad-grid' }, Array.from(keys.values()))],
  );
  return { element, press };
}
