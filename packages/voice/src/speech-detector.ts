/** What is looked at as one. */
const FRAME_MS = 20;

/** Quieter than this nobody speaks, into whatever microphone. */
const SPEECH_DB_MIN = -50;
/** So much louder than what is always there. */
const ABOVE_FLOOR_DB = 9;
/** What is always there is learnt slowly when it rises, and more so while somebody seems to speak: no word may become a noise. */
const FLOOR_RISE_DB = 0.02;
const FLOOR_RISE_SPEAKING_DB = 0.01;
const FLOOR_FALL_DB = 1;
const FLOOR_DB_MIN = -75;
/** A click is no word: so many of so many frames have to be loud. */
const LOUD_FRAMES = 5;
const OF_FRAMES = 8;

export interface SpeechDetectorOptions {
  /** Silence that ends what is said. */
  readonly silenceMs: number;
}

/** What has happened within the samples that were given. */
export type SpeechEvent = 'began' | 'ended';

/**
 * Tells when somebody begins to speak, and when she has stopped: by how loud it is, against what is always there. Of 20 ms
 * pieces at 16 kHz; whoever gives them gives silence for what did not arrive.
 */
export class SpeechDetector {
  readonly #silenceFrames: number;
  #recent: boolean[] = [];
  #floorDb = -60;
  #isSpeaking = false;
  #quietFrames = 0;

  constructor({ silenceMs }: SpeechDetectorOptions) {
    this.#silenceFrames = Math.ceil(silenceMs / FRAME_MS);
  }

  get isSpeaking(): boolean {
    return this.#isSpeaking;
  }

  /** Takes one piece of 20 ms. */
  take(samples: Int16Array): SpeechEvent | undefined {
    const levelDb = levelOf(samples);
    const isLoud = levelDb > Math.max(SPEECH_DB_MIN, this.#floorDb + ABOVE_FLOOR_DB);
    this.#learn(levelDb);
    if (this.#isSpeaking) {
      this.#quietFrames = isLoud ? 0 : this.#quietFrames + 1;
      if (this.#quietFrames < this.#silenceFrames) return undefined;
      this.#isSpeaking = false;
      this.#recent = [];
      return 'ended';
    }
    this.#recent = [...this.#recent, isLoud].slice(-OF_FRAMES);
    if (this.#recent.filter(Boolean).length < LOUD_FRAMES) return undefined;
    this.#isSpeaking = true;
    this.#quietFrames = 0;
    return 'began';
  }

  #learn(levelDb: number): void {
    const towards = Math.max(FLOOR_DB_MIN, levelDb);
    const rise = this.#isSpeaking ? FLOOR_RISE_SPEAKING_DB : FLOOR_RISE_DB;
    if (towards > this.#floorDb) this.#floorDb = Math.min(towards, this.#floorDb + rise);
    else this.#floorDb = Math.max(towards, this.#floorDb - FLOOR_FALL_DB);
  }
}

/** Decibels below the loudest there can be. */
function levelOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length)) / 32_768;
  return rms === 0 ? -Infinity : 20 * Math.log10(rms);
}
