import { describe, expect, it } from 'vitest';
import type { Device } from '../device.ts';
import type { DeviceOptions } from '../api.ts';
import { Locks } from './page.test.kit.ts';
import { incoming, World } from './world.test.kit.ts';

/** Pages of one person in one browser profile, all registered, in the order in which they were opened. */
async function pages(
  count: number,
  options: DeviceOptions = {},
): Promise<{ worlds: World[]; devices: Device[]; locks: Locks }> {
  const locks = new Locks();
  const worlds: World[] = [];
  const devices: Device[] = [];
  for (let page = 0; page < count; page += 1) {
    const world = new World();
    locks.giveTo(world);
    worlds.push(world);
    devices.push(await world.registered(options));
    await world.pass(1000);
  }
  return { worlds, devices, locks };
}

async function ringAll(worlds: readonly World[]): Promise<void> {
  for (const world of worlds) world.gateway.notify(incoming());
  for (const world of worlds) await world.settle();
}

const rings = (world: World | undefined): boolean => world?.sounds.at(-1) === 'start incoming';

describe('a person with several pages open', () => {
  it('[RY20] is rung audibly by one of them; every one shows the call', async () => {
    const { worlds, devices } = await pages(3);
    expect(devices.map(({ isLeaderTab }) => isLeaderTab)).toEqual([true, false, false]);
    await ringAll(worlds);
    expect(worlds.map(rings)).toEqual([true, false, false]);
    expect(devices.map(({ calls }) => calls.length)).toEqual([1, 1, 1]);
  });

  it('[RY20] may answer on any of them', async () => {
    const { worlds, devices } = await pages(2);
    await ringAll(worlds);
    void devices[1]?.calls[0]?.accept();
    await worlds[1]?.settle();
    expect(worlds[1]?.gateway.words).toContain('accept');
  });

  it('[RY21] hears another one go on ringing when the one that rang is closed', async () => {
    const { worlds, devices } = await pages(2);
    const told: boolean[] = [];
    devices[1]?.on('leaderChanged', (isLeader) => told.push(isLeader));
    await ringAll(worlds);
    await devices[0]?.destroy();
    await worlds[1]?.settle();
    expect(devices[1]?.isLeaderTab).toBe(true);
    expect(told).toEqual([true]);
    expect(rings(worlds[1])).toBe(true);
  });

  it('[RY21] is rung by another page when the leading one goes into the cache, and led by it from then on', async () => {
    const { worlds, devices } = await pages(2);
    worlds[0]?.lifecycle('suspend');
    await worlds[1]?.settle();
    expect(devices.map(({ isLeaderTab }) => isLeaderTab)).toEqual([false, true]);
    worlds[0]?.lifecycle('resume');
    await worlds[0]?.pass(1000);
    expect(devices.map(({ isLeaderTab }) => isLeaderTab)).toEqual([false, true]);
  });

  it('[RY22] is rung by all of them where the application wants it so, and told which one leads', async () => {
    const { worlds, devices } = await pages(2, { multiTab: 'all' });
    await ringAll(worlds);
    expect(worlds.map(rings)).toEqual([true, true]);
    expect(devices.map(({ isLeaderTab }) => isLeaderTab)).toEqual([true, false]);
  });

  it('[RY22] takes no lock where the application wants none', async () => {
    const { worlds, devices, locks } = await pages(2, { multiTab: 'off' });
    await ringAll(worlds);
    expect(worlds.map(rings)).toEqual([true, true]);
    expect(devices.map(({ isLeaderTab }) => isLeaderTab)).toEqual([true, true]);
    expect(locks.names).toEqual([]);
  });

  it('[RY23] holds a lock of each page’s own while it is registered, and none afterwards', async () => {
    const { devices, locks } = await pages(2);
    expect(locks.names.filter((name) => name.startsWith('parley page'))).toHaveLength(2);
    for (const device of devices) await device.destroy();
    expect(locks.names).toEqual([]);
  });

  it('[RY24] without locks, as without https, every page rings', async () => {
    const world = new World();
    const device = await world.registered();
    world.gateway.notify(incoming());
    await world.settle();
    expect(rings(world)).toBe(true);
    expect(device.isLeaderTab).toBe(true);
  });
});
