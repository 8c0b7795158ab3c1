import { VoiceError } from '../src/voice-error.js';
import { sineWav } from './ear.js';
/** An engine that hums: 10 ms for each letter, and remembers what it was asked. */
export class FakeSpeech {
  spoken = [];
  tags = 'safe';
  /** Texts it fails at. */
  cannotSay = '';
  /** Settles before anything is spoken. */
  ready = Promise.resolve();
  plan = async ({ voice, language }) => ({
    key: `${voice}/${language}`,
    remarks: voice === 'nobody' ? [{ about: 'voice', message: 'nobody is spoken by somebody' }] : [],
    language,
    tags: this.tags,
  });
  speak = async (order) => {
    await this.ready;
    this.spoken.push(order);
    if (order.text === this.cannotSay) throw new VoiceError('speech-failed', 'it stutters');
    return { sound: sineWav({ frequencyHz: 300, ms: 10 * order.text.length, rate: 22_050 }) };
  };
}
//# sourceMappingURL=fake-speech.js.map
