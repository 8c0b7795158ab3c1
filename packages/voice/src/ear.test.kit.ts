import { createDecoder, createEncoder } from 'libopus-wasm';
import { FRAME_SAMPLES, SAMPLE_RATE, type Frame } from './frame.ts';
import { loudnessOf } from './loudness.ts';
import type { Tape } from './tape.ts';
import { wavOf } from './wav-writer.ts';

/** What somebody would hear of these frames, as samples at 48 kHz. */
export async function heard(frames: readonly Frame[]): Promise<Float32Array> {
  const decoder = await createDecoder({ sampleRate: SAMPLE_RATE, channels: 1 });
  try {
    return joined(frames.map((frame) => decoder.decodeFloat(frame).slice()));
  } finally {
    decoder.free();
  }
}

/** The same the other way round: samples at 48 kHz as a browser encodes them, 20 ms each. */
export async function encoded(samples: Float32Array): Promise<readonly Frame[]> {
  const encoder = await createEncoder({ sampleRate: SAMPLE_RATE, channels: 1 });
  try {
    return Array.from({ length: Math.floor(samples.length / FRAME_SAMPLES) }, (_, i) =>
      encoder.encodeFloat(samples.subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES)).slice(),
    );
  } finally {
    encoder.free();
  }
}

export async function framesOf(tape: Tape): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  for await (const batch of tape.listen()) frames.push(...batch);
  return frames;
}

export async function listenTo(tape: Tape): Promise<Float32Array> {
  return heard(await framesOf(tape));
}

/** Goertzel: how much of a sound's power is at one frequency, 0 to 1. */
export function shareAt(samples: Float32Array, frequencyHz: number, rate = SAMPLE_RATE): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / rate);
  let [before, last, power] = [0, 0, 0];
  for (const sample of samples) {
    [before, last] = [last, sample + coefficient * last - before];
    power += sample * sample;
  }
  const magnitude = before * before + last * last - coefficient * before * last;
  return power === 0 ? 0 : (2 * magnitude) / (power * samples.length);
}

export function lufs(samples: Float32Array): number {
  return loudnessOf(samples);
}

export function sine(options: {
  readonly frequencyHz: number;
  readonly ms: number;
  readonly rate: number;
  readonly peak?: number;
}): Float32Array {
  const { frequencyHz, ms, rate, peak = 0.25 } = options;
  return Float32Array.from(
    { length: Math.round((ms * rate) / 1000) },
    (_, i) => peak * Math.sin((2 * Math.PI * frequencyHz * i) / rate),
  );
}

export function sineWav(options: Parameters<typeof sine>[0]): Uint8Array {
  return wavOf(
    Int16Array.from(sine(options), (sample) => Math.round(sample * 32_767)),
    options.rate,
  );
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
