import type { Speech, SpeechOrder } from './speech.ts';
import { VoiceError } from './voice-error.ts';
import { sineWav } from './ear.test.kit.ts';

/** An engine that hums: 10 ms for each letter, and remembers what it was asked. */
export class FakeSpeech implements Speech {
  readonly spoken: SpeechOrder[] = [];
  tags: 'all' | 'safe' | 'none' = 'safe';
  /** Texts it fails at. */
  cannotSay = '';
  /** Settles before anything is spoken. */
  ready: Promise<void> = Promise.resolve();

  plan: Speech['plan'] = async ({ voice, language }) => ({
    key: `${voice}/${language}`,
    remarks: voice === 'nobody' ? [{ about: 'voice', message: 'nobody is spoken by somebody' }] : [],
    language,
    tags: this.tags,
  });

  speak: Speech['speak'] = async (order) => {
    await this.ready;
    this.spoken.push(order);
    if (order.text === this.cannotSay) throw new VoiceError('speech-failed', 'it stutters');
    return { sound: sineWav({ frequencyHz: 300, ms: 10 * order.text.length, rate: 22_050 }) };
  };
}
