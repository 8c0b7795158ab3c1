import { describe, expect, it } from 'vitest';
import { Mixer } from './mixer.ts';

const flat = (value: number): Float32Array => new Float32Array(960).fill(value);
const peak = (samples: Float32Array): number => Math.max(...samples.map(Math.abs));

describe('a mixer', () => {
  it('[RG19] adds up those who speak at once, and changes nothing as long as there is room', () => {
    const mixer = new Mixer();
    expect(mixer.mix([])).toEqual(flat(0));
    expect(mixer.mix([flat(0.25)])).toEqual(flat(0.25));
    expect(mixer.mix([flat(0.25), flat(0.5)])).toEqual(flat(0.75));
  });

  it('[RG19] makes all softer where their sum is too loud, and never leaves the room there is', () => {
    const mixer = new Mixer();
    for (let slot = 0; slot < 20; slot += 1) {
      expect(peak(mixer.mix([flat(0.8), flat(0.8), flat(-0.1)]))).toBeLessThanOrEqual(1);
    }
    // Softer, not cut off: what is half as loud stays half as loud.
    const soft = mixer.mix([flat(0.75)])[0] ?? 0;
    expect(soft).toBeLessThan(0.6);
    let last = soft;
    for (let slot = 0; slot < 100; slot += 1) last = mixer.mix([flat(0.75)])[959] ?? 0;
    expect(last).toBeCloseTo(0.75, 2);
  });
});
