import type { CallSid, Unnumbered } from '@parley/protocol';
import { expect, it } from 'vitest';
import { OFFER, World } from './world.test.kit.ts';

const CALL_SID = `CA${'0'.repeat(32)}` as CallSid;

async function placed(world: World) {
  const device = await world.registered();
  const call = await device.connect({ to: 'jenny' });
  world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
  await world.settle();
  return { call, callId: call.callId as never };
}

it('[TN1][TN6] plays no tone of its own while the gateway plays one, and says so', async () => {
  const world = new World();
  const { call, callId } = await placed(world);
  const told: boolean[] = [];
  call.on('ringing', (hasEarlyMedia) => told.push(hasEarlyMedia));
  world.gateway.notify({ type: 'ringing', callId, earlyMedia: true });
  await world.settle();
  expect(call.store.getSnapshot()).toMatchObject({ hasEarlyMedia: true, status: 'ringing' });
  expect(world.sounds).toEqual([]);
  // The next dial of the same document has no tone of its own: from here on this device is heard.
  world.gateway.notify({ type: 'ringing', callId });
  await world.settle();
  expect(world.sounds).toEqual(['start ringback']);
  world.gateway.notify({ type: 'ringing', callId, earlyMedia: true });
  await world.settle();
  expect(world.sounds).toEqual(['start ringback', 'stop ringback']);
  expect(told).toEqual([true]);
});

it.each([
  ['busy', 'busy'],
  ['rejected', 'busy'],
  ['no-answer', 'busy'],
  ['not-registered', 'unavailable'],
] as const)('[TN5] says %s with its own %s tone', async (reason, tone) => {
  const world = new World();
  const { call, callId } = await placed(world);
  world.gateway.notify({ type: 'ended', callId, reason, by: 'remote', durationMs: 0 });
  expect(await call.ended).toEqual({ reason, by: 'remote', durationMs: 0 });
  await world.settle();
  expect(world.sounds).toEqual([tone]);
});

it('[TN5] says it with the tone the gateway names, also to somebody who had been answered', async () => {
  for (const isAnswered of [false, true]) {
    const world = new World();
    const { call, callId } = await placed(world);
    if (isAnswered) world.gateway.notify({ type: 'answered', callId });
    const tone = [
      { hertz: [425, 450], ms: 480 },
      { hertz: [], ms: 240 },
    ];
    const end: Unnumbered = { type: 'ended', callId, reason: 'busy', by: 'remote', durationMs: 0, tone };
    world.gateway.notify(end);
    expect(await call.ended).toMatchObject({ tone });
    await world.settle();
    expect(world.sounds).toEqual(['425+450/480 /240']);
  }
});
