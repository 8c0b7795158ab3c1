import { SAMPLE_RATE } from './frame.ts';
import { loudnessOf } from './loudness.ts';

/** As loud as people are behind a browser's automatic gain. */
export const TARGET_LUFS = -20;
/** More would raise the noise of a recording into a roar. */
const GAIN_DB_MAX = 20;
const GAIN_DB_MIN = -30;
/** What the loudness is judged by: it cannot wait for the end of a long piece of music. */
const JUDGED_SAMPLES = SAMPLE_RATE * 10;
/** No sample is louder than this (-1.4 dB), so that decoding does not clip either. */
const CEILING = 0.85;
/** The limiter works in steps of a millisecond and looks five ahead. */
const STEP = SAMPLE_RATE / 1000;
const LOOK_AHEAD_STEPS = 5;
/** How fast it lets go again, each step. */
const RELEASE = 1.01;

/**
 * Makes a sound that comes in pieces as loud as every other: one gain for all of it, judged by its first ten seconds, and
 * a limiter for the peaks. Silence stays silence.
 */
export class Leveller {
  #judging: Float32Array[] | undefined = [];
  #judgedSamples = 0;
  #gain = 1;
  /** Samples with their gain that the limiter still looks at. */
  #held = new Float32Array(0);
  #limit = 1;

  process(samples: Float32Array): Float32Array {
    if (this.#judging === undefined) return this.#limited(samples);
    this.#judging.push(samples);
    this.#judgedSamples += samples.length;
    return this.#judgedSamples < JUDGED_SAMPLES ? new Float32Array(0) : this.#judged();
  }

  /** What is left at the end. */
  flush(): Float32Array {
    const judged = this.#judging === undefined ? new Float32Array(0) : this.#judged();
    const held = this.#held.length;
    const rest = this.#limited(new Float32Array(STEP * (LOOK_AHEAD_STEPS + 2)));
    return joined([judged, rest.subarray(0, Math.min(held, rest.length))]);
  }

  #judged(): Float32Array {
    const heard = joined(this.#judging ?? []);
    this.#judging = undefined;
    const loudness = loudnessOf(heard);
    const gainDb = Math.min(GAIN_DB_MAX, Math.max(GAIN_DB_MIN, TARGET_LUFS - loudness));
    this.#gain = Number.isFinite(loudness) ? 10 ** (gainDb / 20) : 1;
    return this.#limited(heard);
  }

  #limited(samples: Float32Array): Float32Array {
    const input = joined([this.#held, samples]);
    for (let i = this.#held.length; i < input.length; i++) input[i] = (input[i] as number) * this.#gain;
    const steps = Math.floor(input.length / STEP);
    const limits = Array.from({ length: steps }, (_, step) => Math.min(1, CEILING / peakOf(input, step)));
    const done = Math.max(0, steps - LOOK_AHEAD_STEPS);
    for (let step = 0; step < done; step++) {
      const needed = Math.min(...limits.slice(step, step + LOOK_AHEAD_STEPS));
      const before = this.#limit;
      // Down over a step so early that the peak meets the whole of it, up slowly.
      const after = Math.min(needed, before * RELEASE);
      for (let i = 0; i < STEP; i++) {
        const at = step * STEP + i;
        const limit = before + ((after - before) * (i + 1)) / STEP;
        input[at] = Math.max(-CEILING, Math.min(CEILING, (input[at] as number) * limit));
      }
      this.#limit = after;
    }
    this.#held = input.slice(done * STEP);
    return input.subarray(0, done * STEP);
  }
}

function peakOf(samples: Float32Array, step: number): number {
  let peak = 1e-9;
  for (let i = step * STEP; i < (step + 1) * STEP; i++) peak = Math.max(peak, Math.abs(samples[i] as number));
  return peak;
}

function joined(pieces: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
