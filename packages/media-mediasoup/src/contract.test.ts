import { FakeMediaPlane } from '@parley/testkit';
import { describeMediaPlane } from '@parley/testkit/media-plane-contract';
import { createMediasoupPlane } from './create.ts';

// The same promises of both, so that what is tested on the fake holds on the real one.
describeMediaPlane('FakeMediaPlane', async () => ({ plane: new FakeMediaPlane(), dispose: async () => {} }));

describeMediaPlane('MediasoupPlane', async () => {
  const plane = await createMediasoupPlane({ workers: 1, basePort: 0, listen: [{ ip: '127.0.0.1' }] });
  return { plane, dispose: () => plane[Symbol.asyncDispose]() };
});
