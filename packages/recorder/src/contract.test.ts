import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMediasoupPlane } from '@parley/media-mediasoup';
import {
  describeRecordingPlane,
  RECORDINGS_MAX_OF_THE_CONTRACT,
} from '@parley/testkit/recording-plane-contract';
import { createRecorder } from './create.ts';

// The same promises as of the fake, so that what is tested on that one holds on this.
describeRecordingPlane('Recorder', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-recordings-'));
  const media = await createMediasoupPlane({ workers: 1, basePort: 0, listen: [{ ip: '127.0.0.1' }] });
  const plane = await createRecorder({ directory, media, recordingsMax: RECORDINGS_MAX_OF_THE_CONTRACT });
  return {
    plane,
    openParty: async (party) => {
      await media.open({ party, room: 'room', tell: () => {}, onFailed: () => {} });
    },
    closeParty: (party) => media.close(party),
    pass: (ms) => sleep(ms),
    dispose: async () => {
      await plane[Symbol.asyncDispose]();
      await media[Symbol.asyncDispose]();
      const left = (await readdir(directory)).filter((name) => !/^RE\w+\.(ogg|webm)$/.test(name));
      if (left.length > 0) throw new Error(`half-done and left: ${left.join(', ')}`);
      await rm(directory, { recursive: true });
    },
  };
});
