import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Census } from './census.ts';
import { settingsOf } from './options.ts';
import { Room } from './room.ts';
import { WorkerPool } from './worker-pool.ts';

const settings = settingsOf({ workers: 1, basePort: 0, listen: [{ ip: '127.0.0.1' }] });

describe('a room', () => {
  let pool: WorkerPool;
  const member = (): { workerDied(): void } => ({ workerDied: () => {} });

  beforeEach(async () => {
    pool = new WorkerPool(settings, new Census());
    await pool.start();
  });
  afterEach(async () => {
    await pool.close();
  });

  it('[MP23] is one seat, however many ask for it, and weighs what is in it', async () => {
    const room = new Room('room', pool, settings);
    room.enter(member());
    const [one, other] = await Promise.all([room.seat(), room.seat()]);
    expect(one).toBe(other);
    room.enter(member());
    expect(one.worker.load).toBe(2);
    expect(one.worker.tenants.size).toBe(1);
  });

  it('[MP25] leaves the worker as it was when the last one leaves, however often one says so', async () => {
    const room = new Room('room', pool, settings);
    const [alice, bob] = [member(), member()];
    room.enter(alice);
    const { worker, router } = await room.seat();
    room.enter(bob);
    for (const who of [alice, alice, bob, bob]) room.leave(who);
    expect(room.isEmpty).toBe(true);
    expect(router.closed).toBe(false);
    expect(await worker.takeRouter()).not.toBe(router);
    expect(await worker.takeRouter()).toBe(router);
    expect([worker.load, worker.tenants.size]).toEqual([0, 0]);
  });

  it('[MP25] leaves the worker as it was when everybody has left before it was seated', async () => {
    const room = new Room('room', pool, settings);
    const alice = member();
    room.enter(alice);
    const seat = room.seat();
    room.leave(alice);
    await expect(seat).rejects.toThrow(/ended/);
    const [worker] = pool.alive;
    expect([worker?.load, worker?.tenants.size]).toEqual([0, 0]);
  });
});
