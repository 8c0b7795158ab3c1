// Documents that run on the leg of whoever picked up, before she is joined.
import { expect, it } from 'vitest';
import { EVENTS, Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const DIAL = `<Dial action="/after"><Client ${EVENTS} url="/screen">jenny</Client></Dial>`;
const PRESS_1 = '<Gather numDigits="1" timeout="30" action="/choice"/><Hangup/>';

/** A stage whose dial is screened by this document. */
async function screened(document: Parameters<Stage['application']['on']>[1], dial = DIAL): Promise<Stage> {
  const stage = await Stage.open(dial);
  stage.application.on('/screen', document);
  stage.application.on('/choice', ({ params }) => (params['Digits'] === '1' ? '' : '<Hangup/>'));
  stage.application.on('/after', '<Hangup/>');
  return stage;
}

it('[CL4] she presses 1 and is joined; until then the caller hears ringing', async () => {
  await using stage = await screened(PRESS_1);
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.answers();
  await reached(hers, 'screening');
  expect(call.store.getSnapshot().phase).toBe('ringing');
  const asked = await stage.application.request('/screen');
  expect(asked.params).toMatchObject({
    CallSid: hers.parameters.CallSid,
    ParentCallSid: call.parameters.CallSid,
    CallStatus: 'in-progress',
    Direction: 'outbound-dial',
    From: 'client:alice',
    To: 'client:jenny',
  });
  await hers.sendDigits('1');
  await reached(call, 'joined');
  await reached(hers, 'joined');
  await hers.disconnect();
  expect((await stage.application.request('/after')).params).toMatchObject({
    DialCallStatus: 'completed',
    DialBridged: 'true',
    DialAnsweredBy: 'jenny',
  });
});

it('[CL4] [D5] she presses 2 and is declined: completed for her leg, nobody answered for the dial', async () => {
  await using stage = await screened(PRESS_1);
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.answers();
  await reached(hers, 'screening');
  await stage.application.request('/screen');
  await hers.sendDigits('2');
  expect(await ended(hers)).toMatchObject({ reason: 'declined' });
  expect((await stage.application.request('/after')).params).toMatchObject({
    DialCallStatus: 'no-answer',
    DialBridged: 'false',
    CallStatus: 'ringing',
  });
  expect(await ended(call)).toMatchObject({ reason: 'no-answer' });
  expect((await stage.story()).at(-1)).toBe('jenny: 3 completed completed');
});

it.each([
  ['Hangup', '<Hangup/>', undefined],
  ['Reject', '<Reject/>', undefined],
  ['a Dial, which is forbidden', '<Dial>bob</Dial>', 13201],
  ['404', { status: 404 }, 21402],
  ['500', { status: 500, body: 'oops' }, 11200],
  ['a page', { type: 'text/html', body: '<html><body>Please log in</body></html>' }, 12100],
  ['a redirect to nowhere', '<Redirect>/nowhere</Redirect>', 21402],
] as const)('[CL4] [D19] [C17] %s declines: her leg ends, the caller goes on', async (_, document, code) => {
  // A fallback serves every document but this one.
  await using stage = await Stage.open(DIAL, { fallback: '/fallback' });
  stage.application.on('/screen', document);
  stage.application.on('/after', '<Dial><Client>bob</Client></Dial>');
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  const call = await stage.alice();
  const hers = await jenny.rings();
  await hers.accept().catch(() => undefined);
  expect(await ended(hers)).toMatchObject({ reason: 'declined' });
  await bob.answers();
  await reached(call, 'joined');
  await call.disconnect();
  expect(stage.application.at('/after')[0]?.params).toMatchObject({ DialCallStatus: 'no-answer' });
  expect(stage.application.at('/fallback')).toEqual([]);
  const legSid = hers.parameters.CallSid;
  expect(stage.storyOf(legSid).at(-1)).toBe('3 completed completed');
  const told = stage.notifications().filter(({ callSid }) => callSid === legSid);
  if (code === undefined) expect(told).toEqual([]);
  else expect(told.map((each) => each.code)).toContain(code);
});

it('[CL4] [C16] a document that comes to its end accepts, also after a Redirect and a Say', async () => {
  await using stage = await screened('<Redirect method="GET">/screen/more</Redirect>');
  stage.application.on('/screen/more', '<Say>Call for you</Say>');
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await jenny.answers();
  await reached(call, 'joined');
  expect(stage.application.at('/screen/more')).toMatchObject([{ method: 'GET' }]);
});

it('[CL4] the document is asked with GET where the noun says so', async () => {
  await using stage = await screened(
    '',
    `<Dial><Client url="/screen?x=1" method="get">jenny</Client></Dial>`,
  );
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await jenny.answers();
  await reached(call, 'joined');
  expect(stage.application.at('/screen')).toMatchObject([
    { method: 'GET', params: { x: '1', To: 'client:jenny' } },
  ]);
});

it('[CL4] the others ring until somebody has accepted, and each runs a document of her own', async () => {
  await using stage = await screened(
    PRESS_1,
    `<Dial>${['jenny', 'bob', 'carol'].map((name) => `<Client ${EVENTS} url="/screen">${name}</Client>`).join('')}</Dial>`,
  );
  const [jenny, bob, carol] = await stage.phones('jenny', 'bob', 'carol');
  const call = await stage.alice('group');
  const [hers, his, carols] = [await jenny.answers(), await bob.rings(), await carol.rings()];
  await reached(hers, 'screening');
  expect(his.store.getSnapshot().phase).toBe('ringing');
  await his.accept();
  await reached(his, 'screening');
  await stage.application.request('/screen', 2);
  await hers.sendDigits('2');
  expect(await ended(hers)).toMatchObject({ reason: 'declined' });
  expect(carols.store.getSnapshot().phase).toBe('ringing');
  await his.sendDigits('1');
  await reached(call, 'joined');
  expect(await ended(carols)).toMatchObject({
    reason: 'answered-elsewhere',
    elsewhere: { identity: 'bob' },
  });
  await call.disconnect();
  expect((await stage.story()).filter((line) => line.includes('completed'))).toEqual([
    'jenny: 3 completed completed',
    'bob: 3 completed completed',
    'carol: 2 completed canceled',
  ]);
});

it('[D5] whoever is being screened when another is joined has lost: canceled', async () => {
  await using stage = await screened(
    PRESS_1,
    `<Dial><Client ${EVENTS} url="/screen">jenny</Client><Client>bob</Client></Dial>`,
  );
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  const call = await stage.alice('group');
  const hers = await jenny.answers();
  await reached(hers, 'screening');
  await bob.answers();
  await reached(call, 'joined');
  expect(await ended(hers)).toMatchObject({ reason: 'answered-elsewhere', elsewhere: { identity: 'bob' } });
  await call.disconnect();
  expect((await stage.story()).at(-1)).toBe('jenny: 3 completed canceled');
});

it('[D5] the caller hangs up in the middle of it: canceled, and the document is abandoned', async () => {
  await using stage = await screened(PRESS_1);
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.answers();
  await reached(hers, 'screening');
  await call.disconnect();
  expect(await ended(hers)).toMatchObject({ reason: 'cancelled', by: 'remote' });
  expect((await stage.story()).at(-1)).toBe('jenny: 3 completed canceled');
  expect(stage.application.at('/after')).toMatchObject([{ params: { DialCallStatus: 'canceled' } }]);
});

it('[D5] [D8] she hangs up in the middle of it: completed for her leg, no-answer for the dial', async () => {
  await using stage = await screened(PRESS_1);
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.answers();
  await reached(hers, 'screening');
  await hers.disconnect();
  expect((await stage.application.request('/after')).params).toMatchObject({
    DialCallStatus: 'no-answer',
    DialBridged: 'false',
    DialCallSid: stage.legs()[0]?.sid,
  });
  expect(await ended(call)).toMatchObject({ reason: 'no-answer' });
  expect((await stage.story()).at(-1)).toBe('jenny: 3 completed completed');
});

it('[CL4] [D6] its own limit ends it, not the timeout of the dial, at which the others stop ringing', async () => {
  await using stage = await screened(
    PRESS_1,
    `<Dial timeout="1" action="/after"><Client ${EVENTS} url="/screen" timeout="2">jenny</Client><Client ${EVENTS}>bob</Client></Dial>`,
  );
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  await stage.alice('group');
  const hers = await jenny.answers();
  const his = await bob.rings();
  expect(await ended(his)).toMatchObject({ reason: 'no-answer' });
  expect(hers.store.getSnapshot().phase).toBe('screening');
  expect(await ended(hers)).toMatchObject({ reason: 'declined' });
  expect((await stage.application.request('/after')).params).toMatchObject({ DialCallStatus: 'no-answer' });
  expect(await stage.story()).toContain('jenny: 3 completed completed');
  expect(await stage.story()).toContain('bob: 2 completed no-answer');
  expect((await stage.callback('jenny', 'completed')).params['CallDuration']).toBe('2');
});

it('[CL4] a document that never comes is ended by the limit of the noun', async () => {
  await using stage = await screened(
    { raw: () => undefined },
    `<Dial><Client ${EVENTS} url="/screen" timeout="1">jenny</Client></Dial>`,
  );
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.answers();
  expect(await ended(hers)).toMatchObject({ reason: 'declined' });
  expect(await ended(call)).toMatchObject({ reason: 'no-answer' });
});
