// RestComm's own cases, against a gateway that runs. Those with one device and one noun are beside their rules.
import { expect, it } from 'vitest';
import { EVENTS, Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const FORK = ['bob', 'carol', 'dave'] as const;
const fork = (attributes = '', names: readonly string[] = FORK): string =>
  `<Dial ${attributes}>${names.map((name) => `<Client ${EVENTS}>${name}</Client>`).join('')}</Dial>`;

it('[C05] three ring and one answers: ten callbacks, the losers canceled', async () => {
  await using stage = await Stage.open(fork());
  const [bob, carol, dave] = await stage.phones(...FORK);
  const call = await stage.alice();
  const ringing = await Promise.all([bob, carol, dave].map((phone) => phone.rings()));
  for (const name of FORK) await stage.callback(name, 'ringing');
  await ringing[1]?.accept();
  await reached(call, 'joined');
  await call.disconnect();
  expect(await stage.story()).toEqual([
    ...['0 initiated initiated', '1 ringing ringing', '2 completed canceled'].map((line) => `bob: ${line}`),
    'carol: 0 initiated initiated',
    'carol: 1 ringing ringing',
    'carol: 2 answered in-progress',
    'carol: 3 completed completed',
    ...['0 initiated initiated', '1 ringing ringing', '2 completed canceled'].map((line) => `dave: ${line}`),
  ]);
});

it('[C06] [C13] nobody answers, the action says no-answer and dials somebody who does: thirteen callbacks', async () => {
  await using stage = await Stage.open(fork('timeout="1" action="/after"'));
  stage.application.on('/after', fork('', ['fotini']));
  const phones = await stage.phones(...FORK, 'fotini');
  const call = await stage.alice();
  const ringing = await Promise.all(phones.slice(0, 3).map((phone) => phone.rings()));
  for (const each of ringing) expect(await ended(each)).toMatchObject({ reason: 'no-answer', by: 'server' });
  const hers = await phones[3]?.answers();
  await reached(call, 'joined');
  await hers?.disconnect();
  expect(await ended(call)).toMatchObject({ reason: 'remote-hangup' });
  expect(await stage.story()).toHaveLength(13);
  expect(stage.application.at('/after')).toMatchObject([
    { params: { DialCallStatus: 'no-answer', CallStatus: 'ringing', DialRingDuration: '1' } },
  ]);
});

it.each([
  ['first', ['nobody', 'bob', 'carol']],
  ['last', ['bob', 'carol', 'nobody']],
])('[C07] a client who is not registered, %s in a fork: the others ring', async (_, names) => {
  await using stage = await Stage.open(fork('', names));
  const [bob, carol] = await stage.phones('bob', 'carol');
  const call = await stage.alice();
  await bob.rings();
  await carol.answers();
  await reached(call, 'joined');
  await call.disconnect();
  expect((await stage.story()).filter((line) => line.startsWith('nobody'))).toEqual([
    'nobody: 0 initiated initiated',
    'nobody: 1 completed failed',
  ]);
});

it('[C09] a client who is not registered, alone and without action: the next verb', async () => {
  await using stage = await Stage.open(`${fork('', ['nobody'])}<Dial><Client>bob</Client></Dial>`);
  const bob = await stage.phone('bob');
  const call = await stage.alice();
  await bob.answers();
  await reached(call, 'joined');
});

it('[C11] [D1] three devices of one client accept in the same tick: one is joined, the others are told', async () => {
  await using stage = await Stage.open(fork('', ['bob']));
  const phones = await Promise.all(
    ['desk', 'mobile', 'tablet'].map((deviceLabel) => stage.phone('bob', { deviceLabel })),
  );
  const call = await stage.alice();
  const ringing = await Promise.all(phones.map((phone) => phone.rings()));
  await Promise.allSettled(ringing.map((each) => each.accept()));
  await reached(call, 'joined');
  const winner = call.store.getSnapshot().other?.deviceLabel;
  const phases = ringing.map((each) => each.store.getSnapshot().phase);
  expect(phases.filter((phase) => phase === 'joined')).toHaveLength(1);
  for (const each of ringing.filter((one) => one.store.getSnapshot().phase === 'ended')) {
    expect(await ended(each)).toMatchObject({
      reason: 'answered-elsewhere',
      elsewhere: { identity: 'bob', deviceLabel: winner },
    });
  }
  await call.disconnect();
  expect(await stage.story()).toHaveLength(4);
});

it('[C12] all busy: the action is asked at once', async () => {
  await using stage = await Stage.open(fork('timeout="30" action="/after"'));
  stage.application.on('/after', '<Hangup/>');
  const phones = await stage.phones(...FORK);
  const call = await stage.alice();
  for (const each of await Promise.all(phones.map((phone) => phone.rings()))) each.reject();
  expect(await ended(call)).toMatchObject({ reason: 'rejected', by: 'remote' });
  expect(stage.application.at('/after')).toMatchObject([
    { params: { DialCallStatus: 'busy', DialBridged: 'false', DialCallDuration: '0' } },
  ]);
});

it('[C19] broken XML: the caller learns where, and one notification has it all', async () => {
  await using stage = await Stage.open(
    '<Response>\n  <Dial>\n    <Client>jenny</Clinet>\n  </Dial>\n</Response>',
  );
  const call = await stage.alice();
  expect(await ended(call)).toMatchObject({
    reason: 'document-failed',
    fault: { code: 12100, line: 3, column: expect.any(Number) as number },
  });
});

it('[C26] [CL2] the attribute name with a <Video> child: the name is called, with video', async () => {
  await using stage = await Stage.open(
    `<Dial><Client name="bob" ${EVENTS}><Video resolution="1080p"/>somebody else</Client></Dial>`,
  );
  const bob = await stage.phone('bob');
  const call = await stage.alice('bob', { video: true });
  const his = await bob.rings();
  expect(his.store.getSnapshot().video).toBe(true);
  await his.accept({ video: true });
  await reached(call, 'joined');
});
