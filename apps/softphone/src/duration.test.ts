import { describe, expect, it } from 'vitest';
import { formatDuration, spokenDuration } from './duration.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('a duration', () => {
  it.each([
    [0, '0:00'],
    [999, '0:00'],
    [7 * SECOND, '0:07'],
    [12 * MINUTE + 34 * SECOND, '12:34'],
    [59 * MINUTE + 59_999, '59:59'],
    [HOUR, '1:00:00'],
    [HOUR + 2 * MINUTE + 3 * SECOND, '1:02:03'],
    [27 * HOUR, '27:00:00'],
  ])('[SP12] of %d ms is shown as %s', (durationMs, shown) => {
    expect(formatDuration(durationMs)).toBe(shown);
  });

  it('[SP12] is never negative, also when the clock was set back', () => {
    expect(formatDuration(-5000)).toBe('0:00');
    expect(spokenDuration(-5000)).toBe('0 seconds');
  });

  it.each([
    [SECOND, '1 second'],
    [MINUTE, '1 minute'],
    [2 * MINUTE + 3 * SECOND, '2 minutes 3 seconds'],
    [HOUR + 2 * MINUTE + 3 * SECOND, '1 hour 2 minutes'],
    [2 * HOUR, '2 hours'],
  ])('[SP12] of %d ms is spoken as %s', (durationMs, spoken) => {
    expect(spokenDuration(durationMs)).toBe(spoken);
  });
});
