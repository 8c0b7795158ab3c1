import { describe, expect, it } from 'vitest';
import { lufs, shareAt } from './ear.test.kit.ts';
import { callTone, TONE_COUNTRIES, toneCountry } from './country-tones.ts';
import { toneSamples } from './tone.ts';

const part = (samples: Float32Array, fromMs: number, toMs: number): Float32Array =>
  samples.subarray(fromMs * 48, toMs * 48);

describe('a tone', () => {
  it('[VO17] of the United States sounds as there: 440 and 480 Hz, two seconds of six', () => {
    const samples = toneSamples(callTone('ringback', 'us'));
    expect(samples.length).toBe(6 * 48_000);
    expect(shareAt(part(samples, 100, 1100), 440)).toBeGreaterThan(0.45);
    expect(shareAt(part(samples, 100, 1100), 480)).toBeGreaterThan(0.45);
    expect(part(samples, 2000, 6000).every((sample) => sample === 0)).toBe(true);
  });

  it('[VO17] of Britain rings twice', () => {
    const samples = toneSamples(callTone('ringback', toneCountry('gb')));
    const isSounding = (atMs: number): boolean =>
      part(samples, atMs, atMs + 50).some((sample) => sample !== 0);
    expect([200, 500, 800, 1500].map(isSounding)).toEqual([true, false, true, false]);
  });

  it('[VO17] says busy and not available in another rhythm each', () => {
    const ms = (tone: 'busy' | 'unavailable'): number =>
      callTone(tone, 'de').reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect([ms('busy'), ms('unavailable')]).toEqual([960, 480]);
  });

  it('[VO17] of every country is heard, ends and is no louder than speech', () => {
    expect(TONE_COUNTRIES.length).toBeGreaterThanOrEqual(38);
    for (const country of TONE_COUNTRIES) {
      for (const tone of ['ringback', 'busy', 'unavailable'] as const) {
        const cadence = callTone(tone, country);
        expect(cadence.every(({ durationMs }) => durationMs > 0 && durationMs <= 5000)).toBe(true);
        expect(cadence[0]!.frequencies.every((hz) => hz >= 300 && hz <= 700)).toBe(true);
        const loudness = lufs(toneSamples(cadence));
        expect(loudness).toBeGreaterThan(-24);
        expect(loudness).toBeLessThan(-14);
      }
    }
  });

  it('[VO17] is named by country as ringTone writes it; anything else may be a URL', () => {
    expect(toneCountry(' US ')).toBe('us');
    expect(toneCountry('us-old')).toBe('us-old');
    expect(toneCountry('https://example.com/ring.wav')).toBeUndefined();
  });
});
