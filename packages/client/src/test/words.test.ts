import { describe, expect, it } from 'vitest';
import { WARNING_RULES } from '../core/quality/warning-rules.ts';
import { ERRORS } from '../error-table.ts';
import { inWords } from '../words/in-words.ts';
import { loadWords } from '../words/load-words.ts';

const LANGUAGES = ['en', 'de', 'fr', 'es'];

describe('words for people', () => {
  it('[QY40] every error and every warning has a sentence in every language, and never its own name', async () => {
    for (const language of LANGUAGES) {
      const words = await loadWords([language]);
      expect(words.locale).toBe(language);
      const keys = [
        ...Object.keys(ERRORS).map((name) => `error.${name}`),
        ...WARNING_RULES.map(({ name }) => `warning.${name}`),
      ];
      for (const i18nKey of keys) {
        const { text, advice } = inWords(words, { i18nKey });
        expect(text).toMatch(/^\p{Lu}.*[.]$/u);
        expect(advice).toMatch(/^$|^\p{Lu}.*[.]$/u);
        expect(`${text} ${advice}`).not.toContain(
          i18nKey.split('.')[1]?.includes('-') ? i18nKey.slice(8) : '§',
        );
      }
    }
  });

  it('[QY40] the languages differ, and a sentence is missing in none', async () => {
    const all = await Promise.all(LANGUAGES.map((language) => loadWords([language])));
    for (const name of Object.keys(all[0]?.warnings ?? {})) {
      const texts = all.map(({ warnings }) => warnings[name as keyof typeof warnings][0]);
      expect(new Set(texts).size).toBe(LANGUAGES.length);
    }
  });

  it('[QY40] the first language that is spoken is taken, whatever its region; English otherwise', async () => {
    expect((await loadWords(['pt-BR', 'de-AT', 'en'])).locale).toBe('de');
    expect((await loadWords(['tlh'])).locale).toBe('en');
    expect((await loadWords(['constructor', '__proto__'])).locale).toBe('en');
  });

  it('[QY40] what is not known is told as a problem, not by its name', async () => {
    const words = await loadWords(['en']);
    for (const i18nKey of [
      'error.from-the-future',
      'warning.from-the-future',
      'warning.toString',
      'nothing',
    ]) {
      expect(inWords(words, { i18nKey }).text).toBe('Something did not work.');
    }
  });
});
