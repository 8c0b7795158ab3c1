import { expect, it } from 'vitest';
import { incoming, World } from './world.test.kit.ts';

// In a file of its own: what has been loaded once stays loaded.
it('[CS67] where a call’s media cannot be loaded none is placed; one that rings rings on, and answering tries again', async () => {
  const world = new World();
  let isReachable = false;
  Object.assign(world.platform, {
    prepareMedia: async () => {
      if (!isReachable) throw new TypeError('failed to fetch a module');
    },
  });
  const device = await world.registered();
  await expect(device.connect({ to: 'bob' })).rejects.toMatchObject({
    name: 'no-media-engine',
    retryable: true,
  });
  expect(world.gateway.words).not.toContain('connect');
  expect(device.isBusy).toBe(false);

  const heard = device.once('incoming');
  world.gateway.notify(incoming());
  const [call] = await heard;
  await world.settle();
  await expect(call.accept()).rejects.toMatchObject({ name: 'no-media-engine', retryable: true });
  expect(call.status()).toBe('pending');
  expect(world.gateway.all('accept')).toEqual([]);

  isReachable = true;
  void call.accept();
  await world.settle();
  expect(world.gateway.all('accept')).toHaveLength(1);
  // What was to be done with the media from the start has been done as well.
  expect(world.transports[0]?.sent.map(({ now }) => now)).toEqual(['real']);
});
