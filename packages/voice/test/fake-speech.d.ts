import type { Speech, SpeechOrder } from '../src/speech.ts';
/** An engine that hums: 10 ms for each letter, and remembers what it was asked. */
export declare class FakeSpeech implements Speech {
  readonly spoken: SpeechOrder[];
  tags: 'all' | 'safe' | 'none';
  /** Texts it fails at. */
  cannotSay: string;
  /** Settles before anything is spoken. */
  ready: Promise<void>;
  plan: Speech['plan'];
  speak: Speech['speak'];
}
//# sourceMappingURL=fake-speech.d.ts.map
