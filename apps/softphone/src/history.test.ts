import { describe, expect, it } from 'vitest';
import { RECORDS_MAX, recordsFrom, type CallRecord } from './history.ts';
import { whenWords } from './when-words.ts';

const RECORD: CallRecord = {
  id: 'one',
  other: 'jenny',
  direction: 'incoming',
  video: false,
  sentence: 'You did not answer',
  tone: 'missed',
  endedAtMs: 1_000_000,
  durationMs: 0,
};

describe('the calls a browser remembers', () => {
  it('[SP31] come back as they were', () => {
    expect(recordsFrom(JSON.stringify([RECORD]))).toEqual([RECORD]);
  });

  it.each([null, '', 'no list', '{}', '[{}]', '[null]', JSON.stringify([{ ...RECORD, tone: 'loud' }])])(
    '[SP31] are none where %j is stored',
    (stored) => {
      expect(recordsFrom(stored)).toEqual([]);
    },
  );

  it('[SP31] are left out one by one where they make no sense, and are never more than fifty', () => {
    const many = Array.from({ length: RECORDS_MAX + 9 }, (_, index) => ({ ...RECORD, id: String(index) }));
    const read = recordsFrom(JSON.stringify([{ ...RECORD, endedAtMs: 'yesterday' }, ...many]));
    expect(read).toHaveLength(RECORDS_MAX);
    expect(read[0]?.id).toBe('0');
  });
});

describe('when a call was', () => {
  const now = new Date(2026, 10, 28, 14, 5).getTime();
  const minutes = (count: number): number => now - count * 60_000;

  it.each([
    [now + 5000, 'just now'],
    [minutes(0.5), 'just now'],
    [minutes(12), '12 min ago'],
    [minutes(125), '12:00'],
    [new Date(2026, 10, 27, 23, 59).getTime(), 'yesterday, 23:59'],
    [new Date(2026, 10, 3, 9, 0).getTime(), '3 Nov'],
  ])('[SP31] is said as one would say it today: %d is "%s"', (atMs, words) => {
    expect(whenWords(atMs, now, 'en-GB')).toBe(words);
  });
});
