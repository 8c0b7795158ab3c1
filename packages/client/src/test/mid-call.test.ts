import type { Unnumbered } from '@parley/protocol';
import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import type { Device } from '../device.ts';
import { CALL_SID, incoming, OFFER, World } from './world.test.kit.ts';

const joined = (callId: string): Unnumbered => ({
  type: 'joined',
  callId: callId as never,
  other: { identity: 'bob' },
  video: false,
});

function standing(call: Call, held: { readonly local: boolean; readonly remote: boolean }) {
  return { type: 'standing', callId: call.callId as never, standing: { held, video: false } } as const;
}

/** A phone that talks, and another call that rings at it. */
async function twoCalls(world: World): Promise<{ device: Device; first: Call; second: Call }> {
  const device = await world.registered();
  const first = await device.connect({ to: 'bob' });
  world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
  world.gateway.notify(joined(first.callId));
  const heard = device.once('incoming');
  world.gateway.notify(incoming());
  const [second] = await heard;
  await world.settle();
  return { device, first, second };
}

/** The parts are loaded when they are first wanted, which takes as long as it takes. */
async function said(world: World, times: number): Promise<readonly boolean[]> {
  await expect.poll(() => world.gateway.all('hold').length, { timeout: 10_000 }).toBe(times);
  return world.gateway.all('hold').map(({ on }) => on);
}

describe('a second call', () => {
  it('[MC9] answered too late, takes back the one that was put on hold for it', async () => {
    const world = new World();
    const { first, second } = await twoCalls(world);
    const answer = second.accept();
    expect(await said(world, 1)).toEqual([true]);
    world.gateway.reply('hold');
    world.gateway.notify(standing(first, { local: true, remote: false }));
    await world.settle();
    expect(first.held.local).toBe(true);
    world.gateway.refuse('accept', 'wrong-state');
    world.gateway.notify({
      type: 'ended',
      callId: second.callId as never,
      reason: 'answered-elsewhere',
      by: 'remote',
      durationMs: 0,
    });
    await expect(answer).rejects.toMatchObject({ name: 'answered-elsewhere' });
    expect(await said(world, 2)).toEqual([true, false]);
    expect(world.gateway.last('hold').callId).toBe(first.callId);
  });

  it('[MC9] refused before there was one, takes back the one that was put on hold for it', async () => {
    const world = new World();
    const { device, first, second } = await twoCalls(world);
    second.reject();
    const third = await device.connect({ to: 'carol' });
    expect(await said(world, 1)).toEqual([true]);
    world.gateway.reply('hold');
    world.gateway.notify(standing(first, { local: true, remote: false }));
    world.gateway.refuse('connect', 'token-expired');
    expect(await third.ended).toMatchObject({ error: { name: 'token-expired' } });
    expect(await said(world, 2)).toEqual([true, false]);
    expect(world.gateway.last('hold').callId).toBe(first.callId);
  });
});

describe('hold', () => {
  it('[MC3] what was asked for last counts, also before the first has been confirmed', async () => {
    const world = new World();
    const { first, second } = await twoCalls(world);
    second.reject();
    const [held, again] = [first.hold(), first.hold()];
    await said(world, 1);
    const back = first.hold(false);
    expect(await said(world, 2)).toEqual([true, false]);
    for (const { id } of world.gateway.all('hold')) {
      world.gateway.say({ type: 'reply', re: id, ok: true, data: {} });
    }
    await Promise.all([held, again, back]);
    // Nobody is on hold, and nobody is asked.
    await first.hold(false);
    expect(await said(world, 2)).toEqual([true, false]);
  });
});
