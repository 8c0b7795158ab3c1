import { inWords } from '@parley/client/words';
import { en } from '@parley/client/words/en';
import {
  runPreflight,
  type PreflightCheck,
  type PreflightCheckName,
  type PreflightReport,
} from '@parley/client/preflight';
import type { TokenProvider } from '@parley/client';
import { icon } from './icons.ts';
import { el, type Scope } from './view.ts';

const NAMES: Readonly<Record<PreflightCheckName, string>> = {
  microphone: 'Microphone',
  camera: 'Camera',
  gateway: 'The gateway answers',
  udp: 'Sound and picture by UDP',
  tcp: 'Sound and picture by TCP',
  turn: 'Sound and picture through a relay',
  echo: 'A call to yourself',
};

const VERDICTS: Readonly<Record<PreflightReport['verdict'], string>> = {
  pass: 'Calls will sound good here.',
  warn: 'Calls will work here, but not at their best.',
  fail: 'Calls will not work here yet.',
};

/** Tries everything that a call needs, and says what is wrong in a person's own words. Rings nowhere. */
export function createLineCheck(
  tokens: TokenProvider,
  onProblem: (error: unknown) => void,
  scope: Scope,
): HTMLElement {
  const list = el('ul', {
    class: 'checks',
    'aria-label': 'What was tried',
    hidden: true,
    'data-testid': 'line-checks',
  });
  const verdict = el('p', { role: 'status', 'data-testid': 'line-verdict' });
  const button = el('button', { type: 'button', class: 'button button-quiet', 'data-testid': 'check-line' }, [
    icon('check'),
    'Check my set-up',
  ]);
  const run = async (): Promise<void> => {
    list.replaceChildren();
    list.hidden = false;
    verdict.textContent = 'This takes some seconds…';
    const preflight = runPreflight(tokens, { signal: scope, video: true });
    for await (const progress of preflight) {
      if (progress.type === 'finished') list.append(...checkRow(progress.check));
    }
    const report = await preflight.report;
    verdict.textContent = VERDICTS[report.verdict];
  };
  button.addEventListener('click', () => {
    button.disabled = true;
    run()
      .catch((error: unknown) => {
        // Closing the settings stops it, which is nobody's problem.
        if (!scope.aborted) onProblem(error);
      })
      .finally(() => void (button.disabled = false));
  });
  return el('section', { class: 'setting-group', 'aria-label': 'Set-up check' }, [button, verdict, list]);
}

function checkRow({ name, state, reason }: PreflightCheck): readonly HTMLElement[] {
  if (state === 'skipped') return [];
  const isGood = state === 'passed';
  const why = isGood || reason === undefined ? '' : inWords(en, { i18nKey: `error.${reason}` }).text;
  return [
    el('li', { class: `check check-${isGood ? 'good' : 'bad'}` }, [
      icon(isGood ? 'check' : 'warning'),
      el('span', {}, [
        NAMES[name],
        el('span', { class: 'visually-hidden' }, [isGood ? ': good' : ': failed']),
        why === '' ? '' : ` – ${why}`,
      ]),
    ]),
  ];
}
