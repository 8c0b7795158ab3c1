import { describe, expect, it } from 'vitest';
import { levelOf, NO_SOUND_DB, SoundDetector } from './sound-detector.ts';

const seconds = (count: number, levelDb: number): number[] =>
  Array.from({ length: count * 50 }, () => levelDb);
const heard = (levels: readonly number[]): boolean[] => {
  const detector = new SoundDetector();
  return levels.map((levelDb) => detector.hear(levelDb));
};

describe('the detector of sound', () => {
  it('[RG18] hears a voice within 60 ms, also a soft one in a quiet room', () => {
    expect(heard([...seconds(2, -70), -45, -45, -45]).at(-1)).toBe(true);
    expect(heard([-30, -30, -30]).at(-1)).toBe(true);
  });

  it('[RG18] takes the steady noise of a room for silence, and hears a voice above it', () => {
    const noise = seconds(4, -47);
    expect(heard(noise).slice(100).includes(true)).toBe(false);
    expect(heard([...noise, -34, -34, -34]).at(-1)).toBe(true);
  });

  it('[RG18] hears a steady tone for as long as it lasts', () => {
    expect(heard(seconds(60, -20)).slice(5).includes(false)).toBe(false);
  });

  it('[RG18] takes no notice of a click, and none of what is muted', () => {
    expect(heard([...seconds(1, -70), -10, -10, ...seconds(1, -70)]).includes(true)).toBe(false);
    expect(heard(seconds(2, NO_SOUND_DB)).includes(true)).toBe(false);
  });

  it('[RG18] knows how loud samples are', () => {
    expect(levelOf(new Float32Array(960))).toBe(NO_SOUND_DB);
    expect(levelOf(new Float32Array(960).fill(1))).toBeCloseTo(0);
    expect(levelOf(Float32Array.from({ length: 960 }, (_, n) => 0.1 * Math.sin(n / 7)))).toBeCloseTo(-23, 0);
  });
});
