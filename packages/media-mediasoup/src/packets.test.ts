import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMediasoupPlane } from './create.ts';
import type { MediasoupPlaneOptions } from './options.ts';
import type { OwnedMediaPlane } from './owned-plane.ts';
import { PacketPhone } from './packet-phone.test.peer.ts';

const AUDIO = { video: false };
/** Packets that may have been between the sender and the SFU when something was asked: 100 ms of them. */
const UNDER_WAY = 5;

describe('packets', () => {
  let plane: OwnedMediaPlane;
  let phones: PacketPhone[];

  const create = (options: MediasoupPlaneOptions = {}): Promise<OwnedMediaPlane> =>
    createMediasoupPlane({ workers: 2, basePort: 0, listen: [{ ip: '127.0.0.1' }], ...options });

  beforeEach(async () => {
    phones = [];
    plane = await create();
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
  const hearsOn = async (one: PacketPhone): Promise<void> => {
    const before = one.heard.length;
    await vi.waitFor(() => expect(one.heard.length).toBeGreaterThan(before + 3), {
      timeout: 5000,
      interval: 5,
    });
  };

  it('[RY67] are counted, each way: what has arrived of a party, and what was sent to it', async () => {
    const [alice, bob] = await Promise.all([phone('alice'), phone('bob')]);
    plane.bridge(alice.id, bob.id, AUDIO);
    await Promise.all([hearsOn(alice), hearsOn(bob)]);
    const early = await plane.flow(alice.id);
    await hearsOn(alice);
    const late = await plane.flow(alice.id);
    expect(early.send).toBeGreaterThan(0);
    expect(late.send).toBeGreaterThan(early.send);
    expect(late.recv).toBeGreaterThan(early.recv);

    // Nobody sends to her any more, and she goes on.
    plane.unbridge(alice.id, bob.id);
    const parted = await plane.flow(alice.id);
    const sentBefore = alice.next;
    await vi.waitFor(() => expect(alice.next).toBeGreaterThan(sentBefore + 2 * UNDER_WAY), { timeout: 5000 });
    const after = await plane.flow(alice.id);
    expect(after.recv).toBe(parted.recv);
    expect(after.send).toBeGreaterThan(parted.send);
  });

  it('[MP1] [MP4] [MP9] reach nobody before two are bridged, both at once then, and nobody after they parted', async () => {
    const [alice, bob] = await Promise.all([phone('alice'), phone('bob')]);
    plane.prepare(alice.id, bob.id, AUDIO);
    await vi.waitFor(() => expect(plane.counts.consumers).toBe(2));
    // Both are up and both are sending: long enough to hear it if anything came through.
    await vi.waitFor(() => expect(Math.min(alice.next, bob.next)).toBeGreaterThan(15), { timeout: 5000 });
    expect(alice.heard).toEqual([]);
    expect(bob.heard).toEqual([]);

    const [aliceAt, bobAt] = [alice.next, bob.next];
    plane.bridge(alice.id, bob.id, AUDIO);
    await Promise.all([hearsOn(alice), hearsOn(bob)]);
    expect(Math.min(...bob.heard)).toBeGreaterThanOrEqual(aliceAt - UNDER_WAY);
    expect(Math.min(...alice.heard)).toBeGreaterThanOrEqual(bobAt - UNDER_WAY);

    const partedAt = Math.max(alice.next, bob.next);
    plane.unbridge(alice.id, bob.id);
    await sleep(300);
    expect(Math.min(alice.next, bob.next)).toBeGreaterThan(partedAt + UNDER_WAY);
    expect(Math.max(alice.lastHeard, bob.lastHeard)).toBeLessThanOrEqual(partedAt + UNDER_WAY);
  });

  it('[MP6] are held while the sender is muted', async () => {
    const [alice, bob] = await Promise.all([phone('alice'), phone('bob')]);
    plane.bridge(alice.id, bob.id, AUDIO);
    await hearsOn(bob);
    await alice.mute(true);
    const mutedAt = alice.next;
    await sleep(300);
    expect(alice.next).toBeGreaterThan(mutedAt + UNDER_WAY);
    expect(bob.lastHeard).toBeLessThanOrEqual(mutedAt + UNDER_WAY);
    await alice.mute(false);
    await hearsOn(bob);
  });

  it('[MP19] come up with the SFU as the DTLS client where the browser says it is the server', async () => {
    // The phone answers the handshake on its send transport and begins it on the other; both came up.
    const alice = await phone('alice');
    const bob = await phone('bob');
    plane.bridge(alice.id, bob.id, AUDIO);
    await Promise.all([hearsOn(alice), hearsOn(bob)]);
  });

  it('[MP20] flow again after the worker was killed, on new transports that both are told of', async () => {
    const [alice, bob] = await Promise.all([phone('alice'), phone('bob')]);
    plane.bridge(alice.id, bob.id, AUDIO);
    await Promise.all([hearsOn(alice), hearsOn(bob)]);
    const usage = await plane.workerUsage();
    const home = usage.find(({ parties }) => parties === 2);
    expect(usage.filter(({ parties }) => parties === 0)).toHaveLength(1);

    process.kill(home?.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect([alice.resets, bob.resets]).toEqual([1, 1]), {
      timeout: 5000,
      interval: 1,
    });
    await Promise.all([hearsOn(alice), hearsOn(bob)]);
    expect([...alice.failures, ...bob.failures]).toEqual([]);
    // That their consumers died goes without saying.
    expect([...alice.told, ...bob.told].filter(({ type }) => type === 'consumerClosed')).toEqual([]);
    expect(plane.counts).toEqual({ rooms: 1, parties: 2, transports: 4, producers: 2, consumers: 2 });
    await vi.waitFor(() =>
      expect(plane.health).toEqual({ workersWanted: 2, workersAlive: 2, workerRestarts: 1 }),
    );
  });
  it('[MP21] [MP29] of somebody with another certificate than was told are not taken, and the party ends after its grace', async () => {
    await plane[Symbol.asyncDispose]();
    plane = await create({ graceMs: 300 });
    const bob = await phone('bob');
    const mallory = new PacketPhone(plane, 'mallory', { hasOtherCertificate: true });
    phones.push(mallory);
    // Whether she notices is her affair.
    void mallory.start('room').catch(() => {});
    await vi.waitFor(() => expect(plane.counts).toMatchObject({ parties: 2, producers: 2 }), {
      timeout: 5000,
    });
    plane.bridge(mallory.id, bob.id, AUDIO);
    await vi.waitFor(() => expect(mallory.failures).toHaveLength(1), { timeout: 5000, interval: 5 });
    expect(mallory.failures[0]).toMatch(/encryption|did not come up/);
    expect(bob.heard).toEqual([]);
    expect(bob.told.at(-1)?.type).toBe('consumerClosed');
  });

  it('[MP30] of a picture begin with one that stands alone: the sender is asked for it when two are bridged', async () => {
    const alice = new PacketPhone(plane, 'alice', { source: 'camera' });
    phones.push(alice);
    const [bob] = await Promise.all([phone('bob'), alice.start('room')]);
    plane.prepare(alice.id, bob.id, { video: true });
    await vi.waitFor(() => expect(bob.told.map(({ type }) => type)).toEqual(['consume']));
    await vi.waitFor(() => expect(alice.next).toBeGreaterThan(10), { timeout: 5000 });
    // The SFU asks once of itself, when it sees the first packet.
    await vi.waitFor(() => expect(alice.keyFrameRequests).toBe(1));
    const bridgedAt = alice.next;
    plane.bridge(alice.id, bob.id, { video: true });
    // Well before the second after which it would ask again by itself.
    await vi.waitFor(() => expect(alice.keyFrameRequests).toBe(2), { timeout: 500, interval: 2 });
    await hearsOn(bob);
    expect(bob.heard[0]).toBeGreaterThanOrEqual(bridgedAt);
    const seen = bob.told.find((notice) => notice.type === 'consume')?.consumerId;
    await bob.askForKeyFrame(seen);
    await vi.waitFor(() => expect(alice.keyFrameRequests).toBe(3), { timeout: 500, interval: 2 });
  });

  it('[MP15] flow again after the browser asked for new transports', async () => {
    const [alice, bob] = await Promise.all([phone('alice'), phone('bob')]);
    plane.bridge(alice.id, bob.id, AUDIO);
    await Promise.all([hearsOn(alice), hearsOn(bob)]);
    await alice.stop();
    await alice.renew();
    await Promise.all([hearsOn(alice), hearsOn(bob)]);
    expect([...alice.failures, ...bob.failures]).toEqual([]);
  });
});
