// RestComm's own cases, against a gateway that runs. Those with one device and one noun are beside their rules.
import { expect, it } from 'vitest';
import { askRest } from './rest.ts';
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

it('[C21] a Play whose file is missing is notified, and the next verb runs', async () => {
  await using stage = await Stage.open(
    '<Response>\n<Play>/missing.wav</Play>\n<Dial><Client>bob</Client></Dial></Response>',
  );
  const bob = await stage.phone('bob');
  const call = await stage.alice();
  await bob.answers();
  await reached(call, 'joined');
  expect(stage.notifications()).toMatchObject([{ code: 21402, callSid: call.parameters.CallSid, line: 2 }]);
  await call.disconnect();
});

it('[C23] [D27] REST cancels a branch of a fork and the others ring on; then it cancels the caller', async () => {
  await using stage = await Stage.open(fork('action="/after"'));
  const [bob, carol, dave] = await stage.phones(...FORK);
  const call = await stage.alice();
  const ringing = await Promise.all([bob, carol, dave].map((phone) => phone.rings()));
  for (const name of FORK) await stage.callback(name, 'ringing');
  const carols = stage.legs()[1]?.sid ?? '';
  await askRest(stage, `/Calls/${carols}`, { Status: 'canceled' });
  if (ringing[1] !== undefined) expect(await ended(ringing[1])).toMatchObject({ reason: 'cancelled' });
  expect(ringing.map((each) => each.store.getSnapshot().phase)).toEqual(['ringing', 'ended', 'ringing']);
  await askRest(stage, `/Calls/${call.parameters.CallSid}`, { Status: 'canceled' });
  expect(await ended(call)).toMatchObject({ reason: 'replaced' });
  await stage.quiet();
  expect(stage.legs().map(({ status }) => status)).toEqual(['canceled', 'canceled', 'canceled']);
  expect(stage.callers().map(({ status }) => status)).toEqual(['canceled']);
});

it('[CL11] [D27] REST gives a talking child a document of her own: she leaves with it, and her caller goes on', async () => {
  await using stage = await Stage.open(`<Dial action="/after"><Client ${EVENTS}>bob</Client></Dial>`);
  stage.application.on('/other', '<Dial><Client>carol</Client></Dial>');
  stage.application.on('/after', '<Pause length="30"/>');
  const [bob, carol] = await stage.phones('bob', 'carol');
  const call = await stage.alice();
  const his = await bob.answers();
  await reached(call, 'joined');
  await askRest(stage, `/Calls/${his.parameters.CallSid}`, { Url: stage.application.url('/other') });
  await carol.answers();
  await reached(his, 'joined');
  expect(his.store.getSnapshot().other).toEqual({ identity: 'carol' });
  expect((await stage.application.request('/after')).params).toMatchObject({ DialCallStatus: 'completed' });
  await reached(call, 'answered');
  await call.disconnect();
  await his.disconnect();
});

it('[CL11] [D27] REST gives the parent another document: her child ends, and she goes on', async () => {
  await using stage = await Stage.open(`<Dial action="/after"><Client ${EVENTS}>bob</Client></Dial>`);
  stage.application.on('/other', '<Dial><Client>carol</Client></Dial>');
  const [bob, carol] = await stage.phones('bob', 'carol');
  const call = await stage.alice();
  const his = await bob.answers();
  await reached(call, 'joined');
  await askRest(stage, `/Calls/${call.parameters.CallSid}`, { Url: stage.application.url('/other') });
  expect(await ended(his)).toMatchObject({ reason: 'replaced' });
  await carol.answers();
  await reached(call, 'joined');
  expect(stage.application.at('/after')).toEqual([]);
  await call.disconnect();
});

it('[WH11] what an application sets in one call comes back in that call, and in no other', async () => {
  let visits = 0;
  await using stage = await Stage.open(({ headers }) => {
    visits += 1;
    return {
      headers: { 'set-cookie': `visit=${visits}; Path=/` },
      body: `<Response><Say>${headers.cookie ?? 'none'}</Say><Redirect>/second</Redirect></Response>`,
    };
  });
  stage.application.on('/second', '<Hangup/>');
  for (const visit of [1, 2]) {
    await ended(await stage.alice());
    expect(stage.application.at('/voice').at(-1)?.headers.cookie).toBeUndefined();
    expect(stage.application.at('/second').at(-1)?.headers.cookie).toBe(`visit=${visit}`);
  }
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
