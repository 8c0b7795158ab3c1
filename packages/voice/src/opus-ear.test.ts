import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encoded, shareAt, sine } from './ear.test.kit.ts';
import { createOpusEar, type OpusEar } from './opus-ear.ts';
import { HEARING_RATE } from './recognizer.ts';

const TONE_HZ = 440;

/** A second of a tone as a browser sends it: fifty packets. */
async function packets(
  count = 50,
  begin = 0xffff_f000,
): Promise<{ payload: Uint8Array; timestamp: number }[]> {
  const frames = await encoded(sine({ frequencyHz: TONE_HZ, ms: count * 20, rate: 48_000 }));
  // Wraps within the second.
  return frames.map((payload, i) => ({ payload, timestamp: (begin + i * 960) >>> 0 }));
}

describe('an ear', () => {
  let pieces: Int16Array[];
  let ear: OpusEar;
  beforeEach(async () => {
    pieces = [];
    ear = await createOpusEar((piece) => pieces.push(piece), 0);
  });
  afterEach(() => ear.close());

  const whole = (): Float32Array =>
    Float32Array.from(
      pieces.flatMap((piece) => Array.from(piece)),
      (sample) => sample / 32_768,
    );

  it('[TN39] hears the tone that was sent, piece by piece', async () => {
    for (const packet of await packets()) ear.take(packet, 0);
    expect(pieces).toHaveLength(50);
    expect(pieces.every(({ length }) => length === 320)).toBe(true);
    expect(shareAt(whole().subarray(1600), TONE_HZ, HEARING_RATE)).toBeGreaterThan(0.95);
  });

  it('[TN39] keeps the time where packets are lost, late, twice or none', async () => {
    const sent = await packets();
    for (const [i, packet] of sent.entries()) {
      if (i === 10 || i === 20 || i === 21) continue;
      ear.take(packet, 0);
      if (i === 30) {
        ear.take(packet, 0);
        ear.take(sent[25] ?? packet, 0);
        ear.take({ payload: new Uint8Array(), timestamp: 0 }, 0);
        ear.take({ payload: Uint8Array.of(0xff, 0xff, 0xff), timestamp: packet.timestamp + 960 }, 0);
      }
    }
    expect(pieces).toHaveLength(50);
    expect(shareAt(whole().subarray(1600), TONE_HZ, HEARING_RATE)).toBeGreaterThan(0.9);
  });

  it('[TN39] is silent for as long as nothing comes', async () => {
    const [first, ...others] = await packets(3);
    if (first !== undefined) ear.take(first, 1000);
    ear.pass(1060);
    expect(pieces).toHaveLength(1);
    ear.pass(1150);
    ear.pass(2000);
    expect(pieces).toHaveLength(51);
    expect(pieces.at(-1)?.every((sample) => sample === 0)).toBe(true);
    for (const packet of others) ear.take({ ...packet, timestamp: packet.timestamp + 48_000 }, 2000);
    expect(pieces).toHaveLength(53);
  });

  it('[TN39] hears nothing after it was closed', async () => {
    const [packet] = await packets(1);
    ear.close();
    if (packet !== undefined) ear.take(packet, 0);
    ear.pass(5000);
    expect(pieces).toEqual([]);
  });
});
