import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamTimeline } from './stream-timeline.ts';

const TICKS = 960;

/** Packets of a sender that began at this moment of the recording, as long after their making as the path takes. */
function sender(
  startMs: number,
  options: { readonly firstTimestamp?: number; readonly pathMs?: number } = {},
) {
  const { firstTimestamp = 0xffff_f000, pathMs = 40 } = options;
  const timeline = new StreamTimeline();
  return {
    timeline,
    /** Packet number n; later by so much than the path usually takes. */
    packet: (n: number, lateMs = 0): number | undefined =>
      timeline.place((firstTimestamp + n * TICKS) % 2 ** 32, startMs + n * 20 + pathMs + lateMs),
  };
}

describe('the timeline of a stream', () => {
  it('[RG13] gives packets that follow one another slots that follow one another, whatever their jitter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 20, maxLength: 200 }),
        (jitters) => {
          const { packet } = sender(1000);
          const first = packet(0) ?? 0;
          const order = jitters.map((lateMs, index) => ({ n: index + 1, lateMs }));
          order.sort((a, b) => a.n * 20 + a.lateMs - (b.n * 20 + b.lateMs));
          // The clocks agree, so nothing may move within the first second, nor by more than the least jitter after it.
          for (const { n, lateMs } of order.filter((one) => one.n * 20 + one.lateMs < 900)) {
            expect(packet(n, lateMs)).toBe(first + n);
          }
        },
      ),
    );
  });

  it('[RG13] begins where the first packet came', () => {
    expect(sender(1000).packet(0)).toBe(52);
    expect(sender(0, { pathMs: 0 }).packet(0)).toBe(0);
  });

  it('[RG13] leaves a gap for what was lost or not sent, as long as the timestamps say', () => {
    const { packet } = sender(0);
    const first = packet(0) ?? 0;
    expect(packet(7)).toBe(first + 7);
    expect(packet(500)).toBe(first + 500);
  });

  it('[RG13] has no place for what was held up on its way, and goes on where it was', () => {
    const { packet } = sender(0);
    const first = packet(0) ?? 0;
    for (let n = 1; n < 50; n += 1) packet(n);
    // Two seconds of packets arrive within twenty milliseconds.
    const late = Array.from({ length: 100 }, (_, index) => packet(50 + index, (100 - index) * 20));
    expect(late.slice(0, 84).every((slot) => slot === undefined)).toBe(true);
    expect(late[99]).toBe(first + 149);
    expect(packet(150)).toBe(first + 150);
  });

  it('[RG14] begins anew when the sender’s clock stood still, within 80 ms of speech', () => {
    const { packet } = sender(0);
    const first = packet(0) ?? 0;
    for (let n = 1; n < 50; n += 1) packet(n);
    // Ten seconds during which its timestamps did not move; then it speaks at its usual pace.
    const slots = Array.from({ length: 10 }, (_, index) => packet(50 + index, 10_000));
    const placed = slots.findIndex((slot) => slot !== undefined);
    expect(placed).toBeLessThanOrEqual(4);
    expect(slots[placed]).toBe(first + 50 + placed + 500);
    expect(slots[9]).toBe(first + 59 + 500);
  });

  it('[RG14] begins anew at once after a mute, and when timestamps jump ahead', () => {
    const { packet, timeline } = sender(0);
    const first = packet(0) ?? 0;
    timeline.restart();
    expect(packet(1, 3000)).toBe(first + 151);
    // An hour ahead of where it can be.
    expect(packet(180_000, -3_599_000)).toBeLessThan(first + 400);
  });

  it('[RG14] follows a sender whose clock is fast or slow, a slot at a time', () => {
    for (const partsPerMillion of [-300, 300]) {
      const timeline = new StreamTimeline();
      let worstMs = 0;
      for (let n = 0; n < 50 * 3600; n += 1) {
        const sentAtMs = n * 20 * (1 + partsPerMillion / 1e6);
        const slot = timeline.place((n * TICKS) % 2 ** 32, sentAtMs + 40) ?? 0;
        worstMs = Math.max(worstMs, Math.abs(sentAtMs + 40 - slot * 20));
      }
      // An hour at this rate is more than a second.
      expect(worstMs).toBeLessThan(60);
    }
  });
});
