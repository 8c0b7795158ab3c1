import { createDecoder } from 'libopus-wasm';
import { SAMPLE_RATE } from '../src/frame.js';
import { loudnessOf } from '../src/loudness.js';
import { wavOf } from '../src/wav-writer.js';
/** What somebody would hear of these frames, as samples at 48 kHz. */
export async function heard(frames) {
  const decoder = await createDecoder({ sampleRate: SAMPLE_RATE, channels: 1 });
  try {
    return joined(frames.map((frame) => decoder.decodeFloat(frame).slice()));
  } finally {
    decoder.free();
  }
}
export async function framesOf(tape) {
  const frames = [];
  for await (const batch of tape.listen()) frames.push(...batch);
  return frames;
}
export async function listenTo(tape) {
  return heard(await framesOf(tape));
}
/** Goertzel: how much of a sound's power is at one frequency, 0 to 1. */
export function shareAt(samples, frequencyHz, rate = SAMPLE_RATE) {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / rate);
  let [before, last, power] = [0, 0, 0];
  for (const sample of samples) {
    [before, last] = [last, sample + coefficient * last - before];
    power += sample * sample;
  }
  const magnitude = before * before + last * last - coefficient * before * last;
  return power === 0 ? 0 : (2 * magnitude) / (power * samples.length);
}
export function lufs(samples) {
  return loudnessOf(samples);
}
export function sine(options) {
  const { frequencyHz, ms, rate, peak = 0.25 } = options;
  return Float32Array.from(
    { length: Math.round((ms * rate) / 1000) },
    (_, i) => peak * Math.sin((2 * Math.PI * frequencyHz * i) / rate),
  );
}
export function sineWav(options) {
  return wavOf(
    Int16Array.from(sine(options), (sample) => Math.round(sample * 32_767)),
    options.rate,
  );
}
function joined(pieces) {
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
//# sourceMappingURL=ear.js.map
