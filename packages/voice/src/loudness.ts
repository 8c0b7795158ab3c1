import { SAMPLE_RATE } from './frame.ts';

/** ITU-R BS.1770-4 §1: blocks of 400 ms, one every 100 ms. */
const BLOCK = SAMPLE_RATE * 0.4;
const HOP = SAMPLE_RATE * 0.1;
const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = -10;

/** Second-order filter, direct form. */
type Biquad = readonly [b0: number, b1: number, b2: number, a1: number, a2: number];
/** The two stages of K-weighting at 48 kHz, as the recommendation prints them. */
const HEAD: Biquad = [
  1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585,
];
const LOW_CUT: Biquad = [1, -2, 1, -1.99004745483398, 0.99007225036621];

/**
 * How loud a sound is to a person, in LUFS (ITU-R BS.1770-4, one channel, at 48 kHz): pauses do not count. Minus infinity
 * for silence.
 */
export function loudnessOf(samples: Float32Array): number {
  const weighted = filter(filter(samples, HEAD), LOW_CUT);
  const blocks: number[] = [];
  // A sound shorter than a block is one block.
  for (let at = 0; at === 0 || at + BLOCK <= weighted.length; at += HOP) {
    blocks.push(meanSquare(weighted.subarray(at, at + BLOCK)));
  }
  const loud = blocks.filter((power) => lufs(power) > ABSOLUTE_GATE_LUFS);
  const gate = lufs(mean(loud)) + RELATIVE_GATE_LU;
  return lufs(mean(loud.filter((power) => lufs(power) > gate)));
}

function lufs(power: number): number {
  return -0.691 + 10 * Math.log10(power);
}

function filter(samples: Float32Array, [b0, b1, b2, a1, a2]: Biquad): Float32Array {
  const filtered = new Float32Array(samples.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i] as number;
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    filtered[i] = y;
    [x2, x1, y2, y1] = [x1, x, y1, y];
  }
  return filtered;
}

function meanSquare(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : sum / samples.length;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
