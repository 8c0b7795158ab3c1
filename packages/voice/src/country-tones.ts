import type { ToneCadence, ToneStep } from './tone.ts';

/** What a telephone network says without words. */
export type CallTone = 'ringback' | 'busy' | 'unavailable';

/** The countries whose tones are known, as `ringTone` names them. */
export type ToneCountry = keyof typeof TONES;

/**
 * ITU-T E.180, supplement 2: the tones of the world, as `frequencies` and then milliseconds on and off in turn. Frequencies
 * that sound together are joined by `+`.
 */
const TONES = {
  at: tones('420/1000,5000', '420/400,400', '420/200,200'),
  au: tones('400+425/400,200,400,2000', '425/375,375', '425/375,375'),
  be: tones('425/1000,3000', '425/500,500', '425/167,167'),
  bg: tones('425/1000,4000', '425/500,500', '425/250,250'),
  br: tones('425/1000,4000', '425/250,250', '425/250,250,750,250'),
  ch: tones('425/1000,4000', '425/500,500', '425/200,200'),
  cl: tones('400/1000,3000', '400/500,500', '400/200,200'),
  cn: tones('450/1000,4000', '450/350,350', '450/700,700'),
  cz: tones('425/1000,4000', '425/330,330', '425/165,165'),
  de: tones('425/1000,4000', '425/480,480', '425/240,240'),
  dk: tones('425/1000,4000', '425/500,500', '425/250,250'),
  ee: tones('425/1000,4000', '425/300,300', '425/200,200'),
  es: tones('425/1500,3000', '425/200,200', '425/200,200,200,200,200,600'),
  fi: tones('425/1000,4000', '425/300,300', '425/200,200'),
  fr: tones('440/1500,3500', '440/500,500', '440/250,250'),
  gr: tones('425/1000,4000', '425/300,300', '425/200,200'),
  hu: tones('425/1250,3750', '425/300,300', '425/300,300'),
  il: tones('400/1000,3000', '400/500,500', '400/250,250'),
  in: tones('400/400,200,400,2000', '400/750,750', '400/250,250'),
  it: tones('425/1000,4000', '425/500,500', '425/200,200'),
  jp: tones('400+415/1000,2000', '400/500,500', '400/500,500'),
  lt: tones('425/1000,4000', '425/350,350', '425/200,200'),
  mx: tones('425/1000,4000', '425/250,250', '425/250,250'),
  my: tones('425/400,200,400,2000', '425/500,500', '425/500,500'),
  nl: tones('425/1000,4000', '425/500,500', '425/250,250'),
  no: tones('425/1000,4000', '425/500,500', '425/200,200'),
  nz: tones('400+450/400,200,400,2000', '400/500,500', '400/250,250'),
  ph: tones('425+480/1000,4000', '480+620/500,500', '480+620/250,250'),
  pl: tones('425/1000,4000', '425/500,500', '425/500,500'),
  pt: tones('425/1000,5000', '425/500,500', '425/200,200'),
  ru: tones('425/1000,4000', '425/400,400', '425/200,200'),
  se: tones('425/1000,5000', '425/250,250', '425/250,750'),
  sg: tones('425/400,200,400,2000', '425/750,750', '425/250,250'),
  th: tones('400/1000,4000', '400/500,500', '400/300,300'),
  tw: tones('440+480/1000,2000', '480+620/500,500', '480+620/250,250'),
  uk: tones('400+450/400,200,400,2000', '400/375,375', '400/400,350,225,525'),
  us: tones('440+480/2000,4000', '480+620/500,500', '480+620/250,250'),
  'us-old': tones('420/2000,4000', '420/500,500', '420/250,250'),
  ve: tones('425/1000,4000', '425/500,500', '425/250,250'),
  za: tones('400+425/400,200,400,2000', '400/500,500', '400/250,250'),
} as const;

export const TONE_COUNTRIES = Object.keys(TONES) as readonly ToneCountry[];

/** The country a `ringTone` names, or undefined where it names none: then it may be the URL of a sound. */
export function toneCountry(written: string): ToneCountry | undefined {
  const word = written.trim().toLowerCase();
  if (word === 'gb') return 'uk';
  return TONE_COUNTRIES.find((country) => country === word);
}

/** One turn of a tone; repeat it until something else happens. */
export function callTone(tone: CallTone, country: ToneCountry = 'us'): ToneCadence {
  return TONES[country][tone];
}

function tones(ringback: string, busy: string, unavailable: string): Readonly<Record<CallTone, ToneCadence>> {
  return { ringback: cadence(ringback), busy: cadence(busy), unavailable: cadence(unavailable) };
}

function cadence(written: string): ToneCadence {
  const [frequencies = '', times = ''] = written.split('/');
  const sounding = frequencies.split('+').map(Number);
  return times
    .split(',')
    .map((ms, i): ToneStep => ({ frequencies: i % 2 === 0 ? sounding : [], durationMs: Number(ms) }));
}
