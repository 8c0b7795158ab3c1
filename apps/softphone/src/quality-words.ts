import type { CallQuality } from '@parley/client';
import { inWords } from '@parley/client/words';
import { en } from '@parley/client/words/en';

/** What a person can do about a bad connection, in plain language; empty while it is well. The worst comes first. */
export function adviceFor({ level, reasons }: Pick<CallQuality, 'level' | 'reasons'>): readonly string[] {
  if (level === 'excellent' || level === 'good') return [];
  return reasons.slice(0, 2).map((name) => {
    const { text, advice } = inWords(en, { i18nKey: `warning.${name}` });
    return advice === '' ? text : `${text} ${advice}`;
  });
}
