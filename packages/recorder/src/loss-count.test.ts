import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LossCount } from './loss-count.ts';

function lostOf(sequences: readonly number[]): number {
  const count = new LossCount();
  let lost = 0;
  for (const sequence of sequences) lost += count.take(sequence & 0xffff);
  return lost + count.finish();
}

it('[RG32] counts what never came, and nothing that came late or twice', () => {
  expect(lostOf([1, 2, 3, 4])).toBe(0);
  expect(lostOf([1, 2, 5, 6])).toBe(2);
  expect(lostOf([1, 2, 5, 3, 4, 6])).toBe(0);
  expect(lostOf([1, 2, 2, 2, 4, 4])).toBe(1);
  // Before the first nothing is known.
  expect(lostOf([10, 8, 9, 11])).toBe(0);
});

it('[RG32] counts on where the sequence numbers begin again', () => {
  expect(lostOf([65_533, 65_534, 65_537, 65_538])).toBe(2);
});

it('[RG32] gives a packet up when the sender is far beyond it, and no sooner', () => {
  const count = new LossCount();
  count.take(0);
  let lost = 0;
  for (let sequence = 2; sequence < 513; sequence += 1) lost += count.take(sequence);
  expect(lost).toBe(0);
  for (let sequence = 513; sequence < 520; sequence += 1) lost += count.take(sequence);
  expect(lost).toBe(1);
  expect(count.finish()).toBe(0);
});

it('[RG32] takes a sender that skips thousands for one that has begun anew', () => {
  expect(lostOf([1, 2, 4, 20_000, 20_001])).toBe(1);
});

it('[RG32] whatever the order within a second: exactly what is not there is lost', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 65_535 }),
      fc.array(fc.record({ isLost: fc.boolean(), late: fc.integer({ min: 0, max: 40 }) }), {
        maxLength: 300,
      }),
      (first, packets) => {
        const came = packets
          .map((packet, index) => ({ ...packet, sequence: first + 1 + index, at: index + packet.late }))
          .filter(({ isLost }) => !isLost)
          .toSorted((a, b) => a.at - b.at)
          .map(({ sequence }) => sequence);
        const newest = Math.max(first, ...came);
        const lost = packets.filter(({ isLost }, index) => isLost && first + 1 + index < newest).length;
        expect(lostOf([first, ...came])).toBe(lost);
      },
    ),
  );
});
