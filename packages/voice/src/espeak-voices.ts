import { chooseLanguage } from './language-choice.ts';
import type { Remark, Speech } from './speech.ts';
import { chooseVoice } from './voice-choice.ts';
import { VoiceError } from './voice-error.ts';

/** What an installation of espeak-ng has. */
export interface EspeakVoices {
  /** Lower case, as `-v` takes them. */
  readonly languages: ReadonlySet<string>;
}

/** The variant of a language's voice that is a woman's. */
const WOMAN = '+f2';

/** How an order is spoken by espeak-ng, in whichever way it is run. The plan's key is what `-v` takes. */
export function createEspeakPlanner(voicesOf: () => Promise<EspeakVoices>): Speech['plan'] {
  return async ({ voice, language }) => {
    const { languages } = await voicesOf();
    const chosen = chooseLanguage(language, languages);
    if (chosen === undefined) throw new VoiceError('no-engine', 'the speech engine has no voices');
    const { gender, isExact } = chooseVoice(voice);
    const remarks: Remark[] = [];
    if (!isExact) {
      remarks.push({ about: 'voice', message: `there is no voice "${voice}" here: spoken by a ${gender}` });
    }
    if (!chosen.isExact) {
      const message = `there is no voice for the language "${language}" here: spoken as ${chosen.tag}`;
      remarks.push({ about: 'language', message });
    }
    const key = gender === 'woman' ? `${chosen.tag}${WOMAN}` : chosen.tag;
    return { key, remarks, language: chosen.tag, tags: 'safe' };
  };
}
