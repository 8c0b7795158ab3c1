import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TakeClock } from './take-clock.ts';

describe('the clock of a recording', () => {
  it('[RG20] leaves out what was skipped and keeps what was silenced, however often it is paused', () => {
    const change = fc.record({
      after: fc.integer({ min: 0, max: 30 }),
      how: fc.constantFrom('skip' as const, 'silence' as const, 'record' as const),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const clock = new TakeClock({ maxLengthMs: 1e9 });
        const wanted = new Map<number, string>();
        let at = 0;
        for (const { after, how } of changes) {
          at += after;
          wanted.set(at, how);
          if (how === 'record') clock.resume(at);
          else clock.pause(at, how);
        }
        let how = 'record';
        let recorded = 0;
        for (let slot = 0; slot < at + 5; slot += 1) {
          how = wanted.get(slot) ?? how;
          expect(clock.recordedBefore(slot)).toBe(recorded);
          expect(clock.at(slot)).toBe(how);
          expect(clock.next(slot)).toBe(how);
          if (how !== 'skip') recorded += 1;
        }
      }),
    );
  });

  it('[RG6] is full when so much is recorded, and what was skipped is not', () => {
    const clock = new TakeClock({ maxLengthMs: 1000 });
    clock.pause(10, 'skip');
    clock.resume(30);
    expect(clock.isFull(69)).toBe(false);
    expect(clock.isFull(70)).toBe(true);
  });
});
