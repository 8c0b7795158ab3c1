import type { ClientErrorName } from '../errors.ts';
import type { WarningName } from '../core/quality/quality.ts';

/** What went wrong as a person would say it. Several errors are one thing to her. */
export type ProblemName =
  | 'microphone-denied'
  | 'microphone-in-use'
  | 'microphone-missing'
  | 'camera-denied'
  | 'camera-in-use'
  | 'camera-missing'
  | 'insecure-page'
  | 'no-connection'
  | 'signed-out'
  | 'not-allowed'
  | 'no-way'
  | 'old-browser'
  | 'call-over'
  | 'answered-elsewhere'
  | 'too-much'
  | 'maintenance'
  | 'not-transferred'
  | 'problem';

/** A sentence, and what helps; the second may be empty. */
export type Sentence = readonly [text: string, advice: string];

/** Everything the SDK may have to say to a person, in one language. */
export interface Words {
  /** BCP 47. */
  readonly locale: string;
  readonly problems: Readonly<Record<ProblemName, Sentence>>;
  readonly warnings: Readonly<Record<WarningName, Sentence>>;
}

const PROBLEMS = new Map<string, ProblemName>(
  Object.entries({
    'microphone-denied': 'microphone-denied',
    'microphone-dismissed': 'microphone-denied',
    'microphone-in-use': 'microphone-in-use',
    'microphone-failed': 'microphone-in-use',
    'microphone-not-found': 'microphone-missing',
    'camera-denied': 'camera-denied',
    'camera-dismissed': 'camera-denied',
    'camera-in-use': 'camera-in-use',
    'camera-failed': 'camera-in-use',
    'camera-not-found': 'camera-missing',
    'insecure-context': 'insecure-page',
    'connection-lost': 'no-connection',
    'connection-failed': 'no-connection',
    timeout: 'no-connection',
    'token-unavailable': 'signed-out',
    'token-invalid': 'signed-out',
    'token-expired': 'signed-out',
    'token-not-yet-valid': 'signed-out',
    'resume-refused': 'signed-out',
    'incoming-not-allowed': 'not-allowed',
    forbidden: 'not-allowed',
    'media-failed': 'no-way',
    'no-relay': 'no-way',
    'unsupported-browser': 'old-browser',
    'unsupported-version': 'old-browser',
    'call-ended': 'call-over',
    'unknown-call': 'call-over',
    'answered-elsewhere': 'answered-elsewhere',
    'rate-limited': 'too-much',
    'too-many': 'too-much',
    draining: 'maintenance',
    'transfer-failed': 'not-transferred',
    'transfer-refused': 'not-transferred',
  } satisfies Partial<Record<ClientErrorName, ProblemName>>),
);

/** A sentence for a person, and advice, which may be empty. */
export interface InWords {
  readonly text: string;
  readonly advice: string;
}

/**
 * Says what an error or a warning means, by its `i18nKey`. A key that is not known, as from a newer SDK, is "something
 * did not work": a person is never shown a name.
 */
export function inWords(words: Words, { i18nKey }: { readonly i18nKey: string }): InWords {
  const [kind = '', name = ''] = i18nKey.split('.', 2);
  const problem = PROBLEMS.get(name) ?? 'problem';
  const warning = Object.hasOwn(words.warnings, name) ? words.warnings[name as WarningName] : undefined;
  const [text, advice] = (kind === 'warning' ? warning : undefined) ?? words.problems[problem];
  return { text, advice };
}
