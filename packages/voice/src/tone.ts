import { SAMPLE_RATE } from './frame.ts';
import { wavOf } from './wav-writer.ts';

/** A stretch of a signal: frequencies that sound together, or silence where there are none. */
export interface ToneStep {
  readonly frequencies: readonly number[];
  readonly durationMs: number;
}

/** What is repeated until it is ended, or played once. */
export type ToneCadence = readonly ToneStep[];

/** As loud as speech is made, so that nobody takes the phone from the ear. */
const TONE_PEAK = 0.18;
/** A tone that begins at once clicks. */
const EDGE_SAMPLES = SAMPLE_RATE * 0.003;

/** A cadence once, as samples at 48 kHz. Phases run on through the steps. */
export function toneSamples(cadence: ToneCadence): Float32Array {
  const durationMs = cadence.reduce((sum, step) => sum + step.durationMs, 0);
  const samples = new Float32Array(Math.round((durationMs * SAMPLE_RATE) / 1000));
  let begin = 0;
  for (const step of cadence) {
    const count = Math.round((step.durationMs * SAMPLE_RATE) / 1000);
    const end = Math.min(samples.length, begin + count);
    for (let i = begin; i < end; i++) {
      let sum = 0;
      for (const frequency of step.frequencies) {
        sum += Math.sin((2 * Math.PI * frequency * i) / SAMPLE_RATE);
      }
      const edge = Math.min(1, (i - begin + 1) / EDGE_SAMPLES, (end - i) / EDGE_SAMPLES);
      samples[i] = (TONE_PEAK * edge * sum) / Math.max(1, Math.sqrt(step.frequencies.length));
    }
    begin = end;
  }
  return samples;
}

/** The same as a WAV file, which is what everything else that is recorded comes as. */
export function toneWav(cadence: ToneCadence): Uint8Array {
  return wavOf(
    Int16Array.from(toneSamples(cadence), (sample) => Math.round(sample * 32_767)),
    SAMPLE_RATE,
  );
}
