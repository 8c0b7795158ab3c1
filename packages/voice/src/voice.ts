import { createHash } from 'node:crypto';
import { holdMusicWav } from './hold-music.ts';
import { keypadTones } from './keypad-tones.ts';
import { RecordingStudio } from './recording-studio.ts';
import type { Texture } from './opus-encoder.ts';
import { sentencesOf } from './sentences.ts';
import type { Remark, Speech, SpeechOrder, SpeechPlan } from './speech.ts';
import { safeSsml } from './ssml.ts';
import { Tape } from './tape.ts';
import { TapeCache, type TapeCacheCounts } from './tape-cache.ts';
import { toneWav, type ToneCadence } from './tone.ts';
import { VoiceError } from './voice-error.ts';

export interface VoiceOptions {
  readonly speech: Speech;
  /** What may be kept of prompts that were made. Default 64 MiB: five hours. */
  readonly cacheBytesMax?: number;
  /** Where a sound is cut off. Default 30 minutes. */
  readonly soundMsMax?: number;
  /** How many prompts may be made at a time. Default 1000. */
  readonly recordingsMax?: number;
}

/** What a voice holds now. */
export interface VoiceCounts {
  readonly cache: TapeCacheCounts;
  readonly recordings: number;
}

/** Makes what is to be heard into frames, each thing once. */
export interface Voice extends AsyncDisposable {
  /**
   * Speaks a text: one tape a sentence, each made while the one before is heard. Throws a {@link VoiceError} where it
   * cannot go on. `remark` is called at most once for each thing that had to be read differently.
   */
  say(order: SpeechOrder, remark: (remark: Remark) => void): AsyncGenerator<Tape, void, void>;
  /** A file: WAV, MP3 or Ogg Opus. Two with the same bytes are made once. */
  sound(bytes: Uint8Array): SoundTape;
  /** A sound that was made before, by its `key`; undefined when it is no longer kept. */
  keptSound(key: string): Tape | undefined;
  /** Tones, once. */
  tone(cadence: ToneCadence): Tape;
  /** What somebody hears who waits, once: it leads back to its beginning. */
  holdMusic(): Tape;
  /** The tones of keys; undefined where the text holds none. */
  keys(keys: string): Tape | undefined;
  readonly counts: VoiceCounts;
}

/** A tape and the name it is kept under. */
export interface SoundTape {
  readonly key: string;
  readonly tape: Tape;
}

/** A voice of this engine. Nothing is started before something is to be heard. */
export function createVoice(options: VoiceOptions): Voice {
  return new RecordedVoice(options);
}

class RecordedVoice implements Voice {
  readonly #speech: Speech;
  readonly #cache: TapeCache;
  readonly #studio: RecordingStudio;
  readonly #soundMsMax: number;

  constructor({ speech, cacheBytesMax, soundMsMax, recordingsMax }: VoiceOptions) {
    this.#speech = speech;
    this.#cache = new TapeCache({ bytesMax: cacheBytesMax ?? 64 * 1024 * 1024 });
    this.#studio = new RecordingStudio({ recordingsMax: recordingsMax ?? 1000 });
    this.#soundMsMax = soundMsMax ?? 30 * 60_000;
  }

  get counts(): VoiceCounts {
    return { cache: this.#cache.counts, recordings: this.#studio.underWay };
  }

  async *say(order: SpeechOrder, remark: (remark: Remark) => void): AsyncGenerator<Tape, void, void> {
    const plan = await this.#speech.plan(order);
    for (const one of plan.remarks) remark(one);
    if (order.ssml !== undefined) remarkOnTags(order.ssml, plan, remark);
    const pieces = piecesOf(order, plan);
    // The next is begun when this one is handed over, so that no gap is heard between them.
    let next = pieces.length === 0 ? undefined : this.#spoken(pieces[0] as SpeechOrder, plan);
    for (let i = 0; next !== undefined; i++) {
      const tape: Tape = next;
      const following = pieces[i + 1];
      next = following === undefined ? undefined : this.#spoken(following, plan);
      yield tape;
    }
  }

  sound(bytes: Uint8Array): SoundTape {
    const key = keyOf('sound', bytes);
    return { key, tape: this.#recorded(key, async () => bytes, 'music') };
  }

  keptSound(key: string): Tape | undefined {
    return this.#cache.get(key);
  }

  tone(cadence: ToneCadence): Tape {
    return this.#recorded(keyOf('tone', JSON.stringify(cadence)), async () => toneWav(cadence), 'music');
  }

  holdMusic(): Tape {
    return this.#recorded(keyOf('hold-music'), holdMusicWav, 'music');
  }

  keys(keys: string): Tape | undefined {
    const cadence = keypadTones(keys);
    return cadence.length === 0 ? undefined : this.tone(cadence);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#studio[Symbol.asyncDispose]();
  }

  #spoken(order: SpeechOrder, plan: SpeechPlan): Tape {
    const key = keyOf('speech', plan.key, order.ssml ?? order.text, order.ssml === undefined ? '' : 'ssml');
    return this.#recorded(key, async () => (await this.#speech.speak(order, plan)).sound, 'speech');
  }

  #recorded(key: string, soundOf: () => Promise<Uint8Array>, texture: Texture): Tape {
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const tape = new Tape();
    this.#cache.keep(key, tape);
    void this.#record(tape, soundOf, texture).then(() => this.#cache.settled(key, tape));
    return tape;
  }

  async #record(tape: Tape, soundOf: () => Promise<Uint8Array>, texture: Texture): Promise<void> {
    try {
      const sound = await soundOf();
      await this.#studio.fill(tape, { sound, texture, durationMsMax: this.#soundMsMax });
    } catch (error) {
      tape.break(
        error instanceof VoiceError
          ? error
          : new VoiceError('speech-failed', 'the speech engine failed', { cause: error }),
      );
    }
  }
}

/** A text with tags is one piece: a tag may reach over many sentences. */
function piecesOf(order: SpeechOrder, plan: SpeechPlan): readonly SpeechOrder[] {
  if (order.ssml !== undefined && plan.tags !== 'none') return [order];
  const { voice, language } = order;
  return sentencesOf(order.text, plan.language).map((text) => ({ text, voice, language }));
}

function remarkOnTags(ssml: string, plan: SpeechPlan, remark: (remark: Remark) => void): void {
  if (plan.tags === 'all') return;
  if (plan.tags === 'none') {
    remark({
      about: 'ssml',
      message: 'the speech engine does not understand SSML: the words alone are spoken',
    });
    return;
  }
  const { leftOut } = safeSsml(ssml);
  if (leftOut.length === 0) return;
  const tags = leftOut.map((tag) => `<${tag}>`).join(', ');
  remark({ about: 'ssml', message: `tags that are not understood were left out of what is spoken: ${tags}` });
}

function keyOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('base64url');
}
