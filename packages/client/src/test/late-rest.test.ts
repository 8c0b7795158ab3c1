import { expect, it } from 'vitest';
import { World } from './world.test.kit.ts';

// In a file of its own: what has been loaded once stays loaded.
it('[CS67] what a call needs is loaded again with the next socket, where the network was away', async () => {
  const world = new World();
  let isReachable = false;
  Object.assign(world.platform, {
    prepareMedia: async () => {
      if (!isReachable) throw new TypeError('failed to fetch a module');
    },
  });
  await world.registered();
  expect(world.gateway.words).toEqual(['hello']);

  isReachable = true;
  world.gateway.drop();
  await world.pass(1000);
  expect(world.gateway.words).toEqual(['hello', 'hello', 'capabilities']);
});
