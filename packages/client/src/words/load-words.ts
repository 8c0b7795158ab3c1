import type { Words } from './in-words.ts';

const TABLES: Readonly<Record<string, () => Promise<Words>>> = {
  en: async () => (await import('./en.ts')).en,
  de: async () => (await import('./de.ts')).de,
  fr: async () => (await import('./fr.ts')).fr,
  es: async () => (await import('./es.ts')).es,
};

/** Loads the first of these languages that there are words in, such as `navigator.languages`; English otherwise. */
export async function loadWords(locales: readonly string[]): Promise<Words> {
  const known = locales.map((locale) => locale.toLowerCase().split('-', 1)[0] ?? '');
  const language = known.find((each) => Object.hasOwn(TABLES, each)) ?? 'en';
  const load = TABLES[language] ?? (async () => (await import('./en.ts')).en);
  return load();
}
