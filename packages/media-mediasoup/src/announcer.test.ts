import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMediasoupPlane } from './create.ts';
import type { OwnedMediaPlane } from './owned-plane.ts';
import { PacketPhone } from './packet-phone.test.peer.ts';

/** Beyond what phones of a test send themselves. */
const FIRST = 1_000_000;
/** 20 ms each: a packet or two may be on its way when something is asked. */
const UNDER_WAY = 3;

describe('announcements', () => {
  let plane: OwnedMediaPlane;
  let phones: PacketPhone[];

  beforeEach(async () => {
    phones = [];
    plane = await createMediasoupPlane({ workers: 1, basePort: 0, listen: [{ ip: '127.0.0.1' }] });
  });
  afterEach(async () => {
    await Promise.all(phones.map((phone) => phone.stop()));
    await plane[Symbol.asyncDispose]();
  });

  const phone = (name: string): Promise<PacketPhone> => {
    const one = new PacketPhone(plane, name);
    phones.push(one);
    return one.start('room');
  };
  /** Frames that carry numbers, as a packet phone's own do. */
  const frames = (count: number, first = FIRST): readonly Uint8Array[] =>
    Array.from({ length: count }, (_, i) => {
      const frame = Buffer.alloc(5, 0xf8);
      frame.writeUInt32BE(first + i, 1);
      return frame;
    });
  const announced = (one: PacketPhone): readonly number[] => one.heard.filter((number) => number >= FIRST);
  const untilHeard = (one: PacketPhone, count: number): Promise<void> =>
    vi.waitFor(() => expect(announced(one).length).toBeGreaterThanOrEqual(count), {
      timeout: 8000,
      interval: 5,
    });

  it('[VO20] [VO21] [VO25] reach one party that is joined with nobody, whole and in order, and nobody else', async () => {
    const [alice, bob] = await Promise.all([phone('alice'), phone('bob')]);
    const onOver = vi.fn();
    const announcement = plane.announce(alice.id, onOver);
    await announcement.push(frames(40));
    announcement.end();
    await vi.waitFor(() => expect(onOver).toHaveBeenCalledOnce(), { timeout: 8000 });
    await untilHeard(alice, 40);
    expect(announced(alice)).toEqual(Array.from({ length: 40 }, (_, i) => FIRST + i));
    expect(announced(bob)).toEqual([]);
    expect(bob.told).toEqual([]);
  });

  it('[VO20] are told to the browser once, however many there are', async () => {
    const alice = await phone('alice');
    for (const first of [FIRST, FIRST + 100, FIRST + 200]) {
      const over = Promise.withResolvers<void>();
      const announcement = plane.announce(alice.id, () => over.resolve());
      await announcement.push(frames(5, first));
      announcement.end();
      await over.promise;
    }
    await untilHeard(alice, 15);
    expect(alice.told.filter(({ type }) => type === 'consume')).toHaveLength(1);
    expect(plane.counts).toMatchObject({ transports: 3, producers: 2, consumers: 1 });
  });

  it('[VO24] are silent at once when they are stopped, and are not over then', async () => {
    const alice = await phone('alice');
    const onOver = vi.fn();
    const announcement = plane.announce(alice.id, onOver);
    void announcement.push(frames(400));
    await untilHeard(alice, 10);
    announcement.stop();
    const before = announced(alice).length;
    await sleep(300);
    expect(announced(alice).length - before).toBeLessThanOrEqual(UNDER_WAY);
    expect(onOver).not.toHaveBeenCalled();
  });

  it('[VO24] [VO25] give way to the next, and are over then', async () => {
    const alice = await phone('alice');
    const onOver = vi.fn();
    void plane.announce(alice.id, onOver).push(frames(400));
    await untilHeard(alice, 5);
    const next = plane.announce(alice.id, () => {});
    expect(onOver).not.toHaveBeenCalled();
    await next.push(frames(20, FIRST + 5000));
    await vi.waitFor(() => expect(announced(alice).at(-1)).toBe(FIRST + 5019), { timeout: 5000 });
    expect(onOver).toHaveBeenCalledOnce();
    const firstOfNext = announced(alice).indexOf(FIRST + 5000);
    expect(announced(alice).slice(firstOfNext)).toHaveLength(20);
  });

  it('[VO27] take frames as they are wanted', async () => {
    const alice = await phone('alice');
    const announcement = plane.announce(alice.id, () => {});
    await announcement.push(frames(200));
    let isWanted = false;
    const wanted = announcement.push(frames(100, FIRST + 200)).then(() => (isWanted = true));
    await untilHeard(alice, 20);
    expect(isWanted).toBe(false);
    announcement.stop();
    await wanted;
    await announcement.push(frames(500));
  });

  it('[VO23] wait for a browser that is not ready, and not for ever', async () => {
    const deaf = new PacketPhone(plane, 'deaf');
    await plane.open({ party: deaf.id, room: 'room', tell: () => {}, onFailed: () => {} });
    const onOver = vi.fn();
    const announcement = plane.announce(deaf.id, onOver);
    await announcement.push(frames(5));
    announcement.end();
    await sleep(1000);
    expect(onOver).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(onOver).toHaveBeenCalledOnce(), { timeout: 8000 });
  });

  it('[VO26] go on in the other worker when theirs dies', async () => {
    const alice = await phone('alice');
    const announcement = plane.announce(alice.id, () => {});
    void announcement.push(frames(200)).then(() => announcement.push(frames(800, FIRST + 200)));
    await untilHeard(alice, 10);
    const [worker] = await plane.workerUsage();
    process.kill(worker!.pid, 'SIGKILL');
    await vi.waitFor(() => expect(alice.resets).toBe(1), { timeout: 5000 });
    const before = announced(alice).length;
    await untilHeard(alice, before + 20);
    announcement.stop();
  });

  it('[VO25] [VO28] are over when their party is closed, and leave nothing', async () => {
    const alice = await phone('alice');
    const onOver = vi.fn();
    void plane.announce(alice.id, onOver).push(frames(400));
    await untilHeard(alice, 5);
    plane.close(alice.id);
    expect(onOver).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(onOver).toHaveBeenCalledOnce());
    expect(plane.counts).toEqual({ rooms: 0, parties: 0, transports: 0, producers: 0, consumers: 0 });
  });

  it('[VO25] [VO28] closed before they began leave nothing either', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const { id: party } = new PacketPhone(plane, `alice-${turns}`);
      await plane.open({ party, room: 'room', tell: () => {}, onFailed: () => {} });
      const onOver = vi.fn();
      void plane.announce(party, onOver).push(frames(10));
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      plane.close(party);
      await vi.waitFor(() => expect(onOver).toHaveBeenCalledOnce());
    }
    await vi.waitFor(() => expect(plane.counts.transports).toBe(0));
    expect(plane.counts).toEqual({ rooms: 0, parties: 0, transports: 0, producers: 0, consumers: 0 });
  });

  it('[VO25] to a party that is gone are over', async () => {
    const onOver = vi.fn();
    const announcement = plane.announce(new PacketPhone(plane, 'nobody').id, onOver);
    await announcement.push(frames(5));
    announcement.end();
    expect(onOver).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(onOver).toHaveBeenCalledOnce());
  });

  it('[VO22] say how punctual they were', async () => {
    expect(await plane.pacing()).toBeUndefined();
    const alice = await phone('alice');
    const announcement = plane.announce(alice.id, () => {});
    void announcement.push(frames(60));
    await untilHeard(alice, 50);
    const report = await plane.pacing();
    expect(report!.packets).toBeGreaterThan(50);
    expect(report!.lateMs.p50).toBeLessThan(20);
    announcement.stop();
  });
});
