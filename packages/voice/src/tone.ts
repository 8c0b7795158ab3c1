import { FRAME_SAMPLES, SAMPLE_RATE } from './frame.ts';

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
  const samples = toneSamples(cadence);
  const whole = Math.ceil(samples.length / FRAME_SAMPLES) * FRAME_SAMPLES;
  const wav = Buffer.alloc(44 + whole * 2);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLE_RATE, 24);
  wav.writeUInt32LE(SAMPLE_RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(whole * 2, 40);
  samples.forEach((sample, i) => wav.writeInt16LE(Math.round(sample * 32_767), 44 + i * 2));
  return wav;
}
