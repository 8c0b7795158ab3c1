/** The words of RestComm's table that are not tags of BCP 47, or mean something else there. */
const RESTCOMM_LANGUAGES: ReadonlyMap<string, string> = new Map([
  ['bf', 'fr-BE'],
  ['bp', 'pt-BR'],
  ['cf', 'fr-CA'],
  ['dan', 'da'],
  ['en', 'en-US'],
]);

/** Where the usual tag and the one engines use differ. */
const SAME_LANGUAGE: ReadonlyMap<string, string> = new Map([
  ['zh', 'cmn'],
  ['zh-hk', 'yue'],
  ['no', 'nb'],
  ['nn', 'nb'],
]);

const LATIN_AMERICA = new Set('AR BO CL CO CR CU DO EC GT HN MX NI PA PE PR PY SV US UY VE'.split(' '));
const LIKE_BRITAIN = new Set('AU GH HK IE IN KE MT NG NZ PK SG TZ UG ZA ZW'.split(' '));

/** Which of the languages that can be spoken stands for one that was asked for. */
export interface LanguageChoice {
  /** One of those that were available. */
  readonly tag: string;
  /** False where somebody who knows the language would hear a difference. */
  readonly isExact: boolean;
}

/**
 * The nearest of the available languages: the same, the same without its region, the same of another region, or
 * English. Undefined when none is available.
 */
export function chooseLanguage(wanted: string, available: ReadonlySet<string>): LanguageChoice | undefined {
  const locale = localeOf(wanted);
  if (locale === undefined) return english(available);
  for (const { tag, isExact } of candidates(locale, available)) {
    if (available.has(tag)) return { tag, isExact };
  }
  const aliased = SAME_LANGUAGE.get(locale.language) ?? locale.language;
  const sibling = Array.from(available).find((tag) => tag.startsWith(`${aliased}-`));
  return sibling === undefined ? english(available) : { tag: sibling, isExact: false };
}

function localeOf(wanted: string): Intl.Locale | undefined {
  const word = wanted.trim().replaceAll('_', '-').toLowerCase();
  try {
    return new Intl.Locale(RESTCOMM_LANGUAGES.get(word) ?? word);
  } catch {
    return undefined;
  }
}

function* candidates(
  locale: Intl.Locale,
  available: ReadonlySet<string>,
): Generator<LanguageChoice, void, void> {
  const { language, region } = locale;
  const whole = locale.baseName.toLowerCase();
  yield { tag: whole, isExact: true };
  const withRegion = region === undefined ? undefined : `${language}-${region.toLowerCase()}`;
  if (withRegion !== undefined) {
    yield { tag: withRegion, isExact: true };
    const alias = SAME_LANGUAGE.get(withRegion);
    if (alias !== undefined) yield { tag: alias, isExact: true };
  }
  if (language === 'es' && region !== undefined && LATIN_AMERICA.has(region)) {
    yield { tag: 'es-419', isExact: true };
  }
  if (language === 'en' && region !== undefined && LIKE_BRITAIN.has(region)) {
    yield { tag: 'en-gb', isExact: false };
  }
  const home = new Intl.Locale(language).maximize().region;
  const atHome = home === undefined ? language : `${language}-${home.toLowerCase()}`;
  const isHome = region === undefined || region === home;
  // What an engine means by the language alone is how it is spoken at home, unless it has that beside it.
  yield { tag: language, isExact: isHome || available.has(atHome) };
  yield { tag: atHome, isExact: isHome };
  const alias = SAME_LANGUAGE.get(language);
  if (alias !== undefined) yield { tag: alias, isExact: isHome };
}

function english(available: ReadonlySet<string>): LanguageChoice | undefined {
  const tag = ['en-us', 'en-gb', 'en'].find((tag) => available.has(tag)) ?? available.values().next().value;
  return tag === undefined ? undefined : { tag, isExact: false };
}
