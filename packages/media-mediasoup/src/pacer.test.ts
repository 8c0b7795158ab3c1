import { beforeEach, describe, expect, it } from 'vitest';
import { FRAME_MS, packFrames, Pacer, type PacerNews } from './pacer.ts';

interface Sent {
  readonly atMs: number;
  readonly port: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly isMarked: boolean;
  readonly frame: number;
}

describe('a pacer', () => {
  let nowMs: number;
  let sent: Sent[];
  let told: PacerNews[];
  let pacer: Pacer;

  beforeEach(() => {
    nowMs = 1000;
    sent = [];
    told = [];
    pacer = new Pacer({
      send: (packet, port) => {
        const view = new DataView(packet.buffer);
        sent.push({
          atMs: nowMs,
          port,
          sequence: view.getUint16(2),
          timestamp: view.getUint32(4),
          isMarked: (view.getUint8(1) & 0x80) !== 0,
          frame: view.getUint8(12),
        });
      },
      tell: (news) => told.push(news),
    });
    pacer.handle({ type: 'aim', line: 1, ssrc: 7, port: 5000 }, nowMs);
  });

  const frames = (count: number, first = 0): readonly Uint8Array[] =>
    Array.from({ length: count }, (_, i) => Uint8Array.of((first + i) & 0xff, 1, 2));
  const push = (count: number, { play = 2, line = 1, first = 0 } = {}): void =>
    pacer.handle({ type: 'frames', line, play, packed: packFrames(frames(count, first)) }, nowMs);
  const order = (type: 'go' | 'end' | 'stop', play = 2): void => pacer.handle({ type, line: 1, play }, nowMs);
  /** Turns the clock in steps, as a timer would that is exact to so much. */
  const run = (ms: number, stepMs = 1): void => {
    for (const endMs = nowMs + ms; nowMs < endMs;) {
      nowMs += stepMs;
      pacer.tick(nowMs);
    }
  };

  it('[VO22] sends a frame every 20 ms, numbered and stamped as RTP wants', () => {
    push(50);
    order('go');
    order('end');
    run(1100);
    expect(sent.map(({ frame }) => frame)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(sent.map(({ isMarked }) => isMarked)).toEqual(Array.from({ length: 50 }, (_, i) => i === 0));
    for (const [i, packet] of sent.entries()) {
      if (i === 0) continue;
      const before = sent[i - 1]!;
      expect(packet.atMs - before.atMs).toBe(FRAME_MS);
      expect(packet.sequence - before.sequence).toBe(1);
      expect(packet.timestamp - before.timestamp).toBe(960);
    }
  });

  it('[VO22] does not add up how late it is woken', () => {
    push(500);
    order('go');
    order('end');
    const beganMs = nowMs;
    run(12_000, 7.3);
    const last = sent.at(-1)!;
    expect(sent).toHaveLength(500);
    expect(last.atMs - beganMs).toBeGreaterThanOrEqual(499 * FRAME_MS);
    expect(last.atMs - beganMs).toBeLessThan(499 * FRAME_MS + 15 + 7.3);
  });

  it('[VO22] after a stall leaves nothing out, sends at most three frames at once, and is heard later', () => {
    push(100);
    order('go');
    order('end');
    run(200);
    const before = sent.length;
    nowMs += 500;
    pacer.tick(nowMs);
    expect(sent.length - before).toBeLessThanOrEqual(3);
    run(2000);
    expect(sent.map(({ frame }) => frame)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    // Whoever listens is not told that no time has passed.
    const gap = sent[before + 1]!.timestamp - sent[before - 1]!.timestamp;
    expect(gap).toBeGreaterThan(480 * 48);
  });

  it('[VO22] spreads what begins together over four times within a frame', () => {
    for (let line = 10; line < 50; line++) {
      pacer.handle({ type: 'aim', line, ssrc: line, port: line }, nowMs);
      push(3, { line, play: 100 + line });
      pacer.handle({ type: 'go', line, play: 100 + line }, nowMs);
    }
    run(19);
    const times = sent.map(({ atMs }) => atMs);
    expect(new Set(times).size).toBe(4);
    expect(times.filter((atMs) => atMs === times[0])).toHaveLength(10);
  });

  it('[VO23] sends nothing before it may', () => {
    push(10);
    run(300);
    expect(sent).toEqual([]);
    order('go');
    run(20);
    expect(sent).toHaveLength(1);
  });

  it('[VO24] sends nothing after a stop, and does not tell that it is over', () => {
    push(100);
    order('go');
    run(105);
    const before = sent.length;
    order('stop');
    push(10);
    order('end');
    run(1000);
    expect(sent).toHaveLength(before);
    expect(told.filter(({ type }) => type === 'over')).toEqual([]);
  });

  it('[VO25] tells that it is over with the last frame, once', () => {
    push(5);
    order('go');
    order('end');
    run(15 + 4 * FRAME_MS - 1);
    const isTold = told.some(({ type }) => type === 'over');
    expect(isTold).toBe(sent.length === 5);
    run(500);
    expect(told).toEqual([{ type: 'over', line: 1, play: 2 }]);
  });

  it('[VO25] tells so also of a play without frames, and of one whose end comes after the last', () => {
    order('go');
    order('end');
    run(20);
    expect(told).toEqual([{ type: 'over', line: 1, play: 2 }]);
    push(2, { play: 3 });
    order('go', 3);
    run(200);
    expect(told.filter(({ type }) => type === 'over')).toHaveLength(1);
    order('end', 3);
    run(1);
    expect(told.at(-1)).toEqual({ type: 'over', line: 1, play: 3 });
  });

  it('[VO27] asks for more when two seconds are left, once for each time it was given some', () => {
    push(150);
    order('go');
    run(40 * FRAME_MS);
    expect(told).toEqual([]);
    run(30 * FRAME_MS);
    expect(told).toEqual([{ type: 'low', line: 1, play: 2 }]);
    push(150);
    run(80 * FRAME_MS);
    expect(told).toHaveLength(1);
  });

  it('[VO22] waits where frames come late, and goes on with the clock', () => {
    push(2);
    order('go');
    run(1000);
    push(2, { first: 2 });
    run(100);
    expect(sent.map(({ frame }) => frame)).toEqual([0, 1, 2, 3]);
    expect(sent[2]!.timestamp - sent[1]!.timestamp).toBeGreaterThan(900 * 48);
    expect(sent[2]!.sequence - sent[1]!.sequence).toBe(1);
  });

  it('[VO22] goes on with its numbers from one play to the next, and marks where it begins', () => {
    push(2);
    order('go');
    order('end');
    run(2000);
    push(1, { play: 9 });
    order('go', 9);
    run(100);
    expect(sent[2]!).toMatchObject({ sequence: sent[1]!.sequence + 1, isMarked: true });
    expect((sent[2]!.timestamp - sent[1]!.timestamp) / 48).toBeGreaterThan(1900);
  });

  it('[VO26] takes its time where nobody can be reached, and finds its way when it is told', () => {
    pacer.handle({ type: 'aim', line: 1, ssrc: 7, port: 0 }, nowMs);
    push(10);
    order('go');
    run(100);
    expect(sent).toEqual([]);
    pacer.handle({ type: 'aim', line: 1, ssrc: 7, port: 6000 }, nowMs);
    run(60);
    expect(sent[0]).toMatchObject({ port: 6000 });
    expect(sent[0]!.frame).toBeGreaterThanOrEqual(4);
  });

  it('[VO22] reports how late it was since it was last asked', () => {
    const report = (): PacerNews => {
      pacer.handle({ type: 'report' }, nowMs);
      return told.pop()!;
    };
    push(300);
    order('go');
    order('end');
    run(4000);
    nowMs += 35;
    pacer.tick(nowMs);
    const first = report();
    run(1000);
    const second = report();
    expect(first).toMatchObject({ report: { lateMs: { p50: 0, p99: 0 } } });
    expect(first.type === 'report' && first.report.lateMs.max).toBeGreaterThan(15);
    expect(second).toMatchObject({ report: { packets: 50 } });
    expect(report()).toMatchObject({ report: { packets: 0, lateMs: { p50: 0, p99: 0, max: 0 } } });
  });

  it('[VO28] forgets a line that is hung up', () => {
    push(10);
    order('go');
    pacer.handle({ type: 'hangUp', line: 1 }, nowMs);
    expect(pacer.tick(nowMs + 100)).toBeUndefined();
    run(300);
    expect(sent).toEqual([]);
  });
});
