import { describe, expect, it } from 'vitest';
import { dualPacket, missingPacket, opusHead, readOpusPacket, slotPackets } from './opus-packet.ts';

/** Configurations by what they are used for here: SILK 20 and 60 ms, CELT 10 and 20 ms. */
const [SILK_20, SILK_60, CELT_10, CELT_20] = [1 << 3, 3 << 3, 30 << 3, 31 << 3] as const;
const bytes = (...of: number[]): Uint8Array => Uint8Array.from(of);

describe('an Opus packet', () => {
  it('[RG15] goes into a file as it is when it fills a slot', () => {
    const packet = readOpusPacket(bytes(SILK_20, 1, 2, 3));
    expect(packet).toMatchObject({ frameTicks: 960 });
    expect(packet && slotPackets(packet)).toEqual([bytes(SILK_20, 1, 2, 3)]);
  });

  it.each([
    ['two of the same size', bytes(CELT_20 | 1, 1, 2, 3, 4), [bytes(CELT_20, 1, 2), bytes(CELT_20, 3, 4)]],
    ['two of other sizes', bytes(CELT_20 | 2, 1, 9, 3, 4), [bytes(CELT_20, 9), bytes(CELT_20, 3, 4)]],
    [
      'three of their own sizes, with padding',
      bytes(CELT_20 | 3, 0xc0 | 3, 2, 1, 2, 7, 8, 8, 9, 0, 0),
      [bytes(CELT_20, 7), bytes(CELT_20, 8, 8), bytes(CELT_20, 9)],
    ],
    [
      'three of one size',
      bytes(CELT_20 | 3, 3, 1, 2, 3),
      [bytes(CELT_20, 1), bytes(CELT_20, 2), bytes(CELT_20, 3)],
    ],
  ])('[RG15] is cut into slots: %s', (_, packet, expected) => {
    const read = readOpusPacket(packet);
    expect(read && slotPackets(read)).toEqual(expected);
  });

  it('[RG15] of two short frames is one slot still', () => {
    const read = readOpusPacket(bytes(CELT_10 | 1, 1, 2));
    const [slot] = (read && slotPackets(read)) ?? [];
    expect(slot && readOpusPacket(slot)).toMatchObject({ frameTicks: 480, frames: [bytes(1), bytes(2)] });
  });

  it('[RG15] with frames that are longer than a slot, or do not fill one, must be decoded', () => {
    for (const packet of [bytes(SILK_60, 1, 2), bytes(CELT_10, 1)]) {
      const read = readOpusPacket(packet);
      expect(read).toBeDefined();
      expect(read && slotPackets(read)).toBeUndefined();
    }
  });

  it.each([
    ['nothing', bytes()],
    ['two halves of an odd number', bytes(CELT_20 | 1, 1, 2, 3)],
    ['a length beyond its end', bytes(CELT_20 | 2, 40, 1)],
    ['no frames', bytes(CELT_20 | 3, 0)],
    ['more than 120 ms', bytes(CELT_20 | 3, 7, 1, 2, 3, 4, 5, 6, 7)],
    ['padding beyond its end', bytes(CELT_20 | 3, 0x41, 200, 1)],
    ['a length cut off', bytes(CELT_20 | 3, 0x82, 252)],
  ])('[RG15] is refused with %s', (_, packet) => {
    expect(readOpusPacket(packet)).toBeUndefined();
  });

  it('[RG16] holds left and right as two streams, the first with its length', () => {
    expect(dualPacket(bytes(SILK_20, 1, 2), bytes(CELT_20, 9))).toEqual(bytes(SILK_20, 2, 1, 2, CELT_20, 9));
    const long = new Uint8Array(301).fill(7);
    long[0] = SILK_20;
    // 300 bytes: 252 and the rest in fours (RFC 6716 §3.2.1).
    expect(dualPacket(long, bytes(CELT_20)).subarray(0, 4)).toEqual(bytes(SILK_20, 252, 12, 7));
    const two = readOpusPacket(bytes(CELT_10 | 1, 1, 2));
    const [slot = bytes()] = (two && slotPackets(two)) ?? [];
    expect(dualPacket(slot, bytes(CELT_20))).toEqual(bytes(CELT_10 | 3, 0x82, 1, 1, 1, 2, CELT_20));
  });

  it('[RG16] is announced as mono, or as two streams that are left and right', () => {
    const mono = opusHead({ channels: 1, preSkipTicks: 0 });
    expect([mono.length, mono[9], mono[18]]).toEqual([19, 1, 0]);
    const dual = opusHead({ channels: 2, preSkipTicks: 312 });
    expect(Array.from(dual.subarray(18))).toEqual([1, 2, 0, 0, 1]);
    expect(dual[9]).toBe(2);
  });

  it('[RG13] that was lost is one byte that says so', () => {
    expect(missingPacket(CELT_20 | 3)).toEqual(bytes(CELT_20));
  });
});
