import type { Call, WarningName } from '@parley/client';
import { inWords } from '@parley/client/words';
import { en } from '@parley/client/words/en';
import type { Announcer } from './announcer.ts';
import { icon } from './icons.ts';
import { el, type Scope } from './view.ts';

/** What a person can put right at once, however well the call sounds; the first that is so is shown. */
const HINTS = [
  ['speaking-while-muted', 'microphoneOff'],
  ['sink-lost', 'speaker'],
] as const satisfies readonly (readonly [WarningName, string])[];

/** Says what the person can put right, for as long as it is so: that they speak and are muted, that their speaker is gone. */
export function createCallHint(call: Call, announcer: Announcer, scope: Scope): HTMLElement {
  const element = el('p', { class: 'banner is-hint', hidden: true, 'data-testid': 'hint' });
  const raised = new Set<WarningName>();
  const show = (): void => {
    const hint = HINTS.find(([name]) => raised.has(name));
    element.hidden = hint === undefined;
    if (hint === undefined) return;
    const [name, picture] = hint;
    const { text, advice } = inWords(en, { i18nKey: `warning.${name}` });
    element.replaceChildren(icon(picture), `${text} ${advice}`);
  };
  call.on(
    'warning',
    ({ name, i18nKey }) => {
      raised.add(name);
      show();
      if (HINTS.some(([hint]) => hint === name)) announcer.soon(inWords(en, { i18nKey }).text);
    },
    { signal: scope },
  );
  call.on(
    'warning-cleared',
    ({ name }) => {
      raised.delete(name);
      show();
    },
    { signal: scope },
  );
  return element;
}
