import { describe, expect, it } from 'vitest';
import { HEARING_RATE } from './recognizer.ts';
import { SpeechDetector } from './speech-detector.ts';

const PIECE = HEARING_RATE / 50;

/** 20 ms of a wave, so loud. */
function wave(decibels: number, hertz = 300): Int16Array {
  const peak = 32_767 * 10 ** (decibels / 20) * Math.SQRT2;
  return Int16Array.from({ length: PIECE }, (_, i) =>
    Math.round(Math.min(1, peak / 32_767) * 32_767 * Math.sin((2 * Math.PI * hertz * i) / HEARING_RATE)),
  );
}

/** What the detector says of so many milliseconds of each level: `began 120` is after 120 ms. */
function events(
  silenceMs: number,
  ...stretches: readonly (readonly [decibels: number, ms: number])[]
): string[] {
  const detector = new SpeechDetector({ silenceMs });
  const said: string[] = [];
  let atMs = 0;
  for (const [decibels, ms] of stretches) {
    for (let passed = 0; passed < ms; passed += 20) {
      atMs += 20;
      const event = detector.take(wave(decibels));
      if (event !== undefined) said.push(`${event} ${atMs}`);
    }
  }
  return said;
}

describe('telling speech from silence', () => {
  it('[TN31] begins within a tenth of a second, and ends after so much silence', () => {
    expect(events(1000, [-70, 1000], [-25, 2000], [-70, 2000])).toEqual(['began 1100', 'ended 4000']);
  });

  it('[TN31] a pause for breath is not the end', () => {
    expect(events(1000, [-70, 500], [-25, 800], [-70, 900], [-25, 800], [-70, 1500])).toEqual([
      'began 600',
      'ended 4000',
    ]);
  });

  it('[TN31] a click is no word, and a quiet room is none', () => {
    expect(events(1000, [-70, 500], [-10, 60], [-70, 2000])).toEqual([]);
    expect(events(1000, [-56, 10_000])).toEqual([]);
    expect(events(1000, [-Infinity, 5000])).toEqual([]);
  });

  it('[TN31] a fan is learnt, and speech above it is heard', () => {
    const fan = events(500, [-42, 20_000], [-42, 20_000], [-20, 1000], [-42, 1000]);
    // At first it is taken for speech, for as long as it is not known.
    expect(fan.at(-2)).toBe('began 40100');
    expect(fan.at(-1)).toBe('ended 41500');
  });

  it('[TN31] whoever speaks for a minute is not taken for a fan', () => {
    expect(events(1000, [-70, 500], [-20, 60_000])).toEqual(['began 600']);
  });
});
