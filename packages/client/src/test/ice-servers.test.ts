import type { MediaOffer } from '@parley/protocol';
import { describe, expect, it } from 'vitest';
import type { DeviceOptions } from '../api.ts';
import type { Call } from '../call.ts';
import { CALL_SID, OFFER, World } from './world.test.kit.ts';

const turn = (username: string) => [{ urls: ['turn:turn.test'], username, credential: 'secret' }];

async function placed(world: World, options: DeviceOptions, media: MediaOffer): Promise<Call> {
  const device = await world.registered(options);
  const call = await device.connect({ to: 'jenny' });
  world.gateway.reply('connect', { callSid: CALL_SID, media });
  await world.settle();
  return call;
}

describe('the ways to the SFU', () => {
  it('[QY3] an ICE restart goes through the servers that came with it', async () => {
    const world = new World();
    await placed(world, {}, { ...OFFER, iceServers: turn('1:alice') });
    const [up] = world.transports;
    expect(up?.options).toMatchObject({ iceServers: turn('1:alice'), iceTransportPolicy: 'all' });
    for (const { options } of world.transports) options.onState('connected');
    up?.options.onState('disconnected');
    await world.settle();
    const ice = { usernameFragment: 'new', password: 'new' };
    world.gateway.reply('restartIce', { ice: { send: ice, recv: ice }, iceServers: turn('2:alice') });
    await world.settle();
    expect(world.transports.map(({ through }) => through)).toEqual([turn('2:alice'), turn('2:alice')]);
  });

  it('[QY3] `relay` tries nothing but TURN', async () => {
    const world = new World();
    await placed(world, { iceTransportPolicy: 'relay' }, { ...OFFER, iceServers: turn('1:alice') });
    expect(world.transports.map(({ options }) => options.iceTransportPolicy)).toEqual(['relay', 'relay']);
  });

  it('[QY3] `relay` without a TURN server ends the call, and says what is missing', async () => {
    const world = new World();
    const call = await placed(world, { iceTransportPolicy: 'relay' }, { ...OFFER, iceServers: [] });
    expect(world.transports).toEqual([]);
    expect((await call.ended).error?.name).toBe('no-relay');
  });
});
