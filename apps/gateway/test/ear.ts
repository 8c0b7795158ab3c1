// What a test hears of frames: the ear of the package that makes them.
export { encoded, heard, shareAt, sine } from '../../../packages/voice/src/ear.test.kit.ts';

/** Mean power, 0 in silence. */
export function powerOf(samples: Float32Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
}
