// The same gateway on the SFU that ships: what it holds is opened and closed with each call.
import { expect, it } from 'vitest';
import { become } from './soon.ts';
import { EVENTS, Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

it('[CL1] [CL9] [GW1] on the real SFU: three ring, one is joined with video, and nothing is left behind', async () => {
  const names = ['bob', 'carol', 'dave'] as const;
  await using stage = await Stage.open(
    `<Dial>${names.map((name) => `<Client ${EVENTS} name="${name}"><Video/></Client>`).join('')}</Dial>`,
    { media: 'real' },
  );
  const phones = await stage.phones(...names);
  const call = await stage.alice('all', { video: true });
  const ringing = await Promise.all(phones.map((phone) => phone.rings()));
  await become(
    () => stage.gateway.counts().media.transports === 8,
    () => `two transports for each of four phones: ${JSON.stringify(stage.gateway.counts().media)}`,
  );
  await Promise.allSettled(ringing.map((each) => each.accept({ video: true })));
  await reached(call, 'joined');
  expect(call.store.getSnapshot().video).toBe(true);
  await become(
    () => stage.gateway.counts().media.parties === 2,
    () => 'the two who are joined',
  );
  await call.disconnect();
  expect((await stage.story()).filter((line) => line.includes('completed canceled'))).toHaveLength(2);
});

it('[CL4] [D16] [GW1] on the real SFU: screened, lost and given up in the middle, and nothing is left behind', async () => {
  await using stage = await Stage.open(
    `<Dial><Client ${EVENTS} url="/screen">jenny</Client><Client ${EVENTS}>bob</Client></Dial>`,
    { media: 'real' },
  );
  stage.application.on('/screen', '<Gather numDigits="1" timeout="30"/><Hangup/>');
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  const calls = [await stage.alice('one'), await stage.alice('two')];
  const hers = [await jenny.answers(), await jenny.answers()];
  await Promise.all(hers.map((each) => reached(each, 'screening')));
  const his = [await bob.rings(), await bob.rings()];
  await calls[0]?.disconnect();
  const [one, two] = hers;
  if (one !== undefined) expect(await ended(one)).toMatchObject({ reason: 'cancelled' });
  await two?.disconnect();
  his[1]?.reject();
  if (calls[1] !== undefined) expect(await ended(calls[1])).toMatchObject({ reason: 'rejected' });
});
