// What the caller meets: answers, ends, several dials, and the verbs that are not Dial.
import { expect, it } from 'vitest';
import { become } from './soon.ts';
import { EVENTS, Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const statusOf = (stage: Stage, path: string, count = 0): string | undefined =>
  stage.application.at(path)[count]?.params['CallStatus'];

it('[D14] Dial and Pause alone do not answer; being joined does', async () => {
  await using stage = await Stage.open(
    '<Pause length="1"/><Dial action="/after"><Client>jenny</Client></Dial>',
  );
  stage.application.on('/after', '<Hangup/>');
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.rings();
  expect(call.store.getSnapshot()).toMatchObject({ answeredAtMs: null });
  expect(stage.callers()).toMatchObject([{ status: 'ringing', answeredAtMs: null }]);
  await hers.accept();
  await reached(call, 'joined');
  expect(stage.callers()).toMatchObject([{ status: 'in-progress' }]);
  await hers.disconnect();
  await stage.quiet();
  expect(statusOf(stage, '/after')).toBe('in-progress');
});

it('[D14] answerOnBridge="false" answers at once; her document learns in-progress', async () => {
  await using stage = await Stage.open(
    '<Dial answerOnBridge="false" timeout="1" action="/after"><Client>jenny</Client></Dial>',
  );
  stage.application.on('/after', '<Hangup/>');
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await reached(call, 'answered');
  await jenny.rings();
  expect(await ended(call)).toMatchObject({ reason: 'remote-hangup', by: 'server' });
  expect(statusOf(stage, '/after')).toBe('in-progress');
  expect(stage.callers()).toMatchObject([{ status: 'completed' }]);
});

it.each(['<Say>hello</Say>', '<Gather numDigits="1" timeout="1"/>'])(
  '[D14] %s answers, and Reject after it is notified and has no effect',
  async (verb) => {
    await using stage = await Stage.open(`${verb}<Reject/><Redirect>/next</Redirect>`);
    stage.application.on('/next', '<Hangup/>');
    const call = await stage.alice();
    expect(await ended(call)).toMatchObject({ reason: 'remote-hangup', by: 'server' });
    expect(statusOf(stage, '/next')).toBe('in-progress');
    expect(stage.notifications().some(({ message }) => message.includes('<Reject>'))).toBe(true);
    expect(stage.callers()).toMatchObject([{ status: 'completed' }]);
  },
);

it('[D15] [C20] Reject is no-answer with the reason rejected, Reject busy is busy', async () => {
  await using stage = await Stage.open(({ params }) =>
    params['To'] === 'busy' ? '<Reject reason="BUSY"/>' : '<Reject/>',
  );
  expect(await ended(await stage.alice('busy'))).toMatchObject({ reason: 'busy' });
  expect(await ended(await stage.alice('other'))).toMatchObject({ reason: 'rejected' });
  expect(stage.callers().map(({ status }) => status)).toEqual(['busy', 'no-answer']);
});

it('[D15] a caller nobody answered ends with the status of the last dial; without a dial no-answer', async () => {
  await using stage = await Stage.open(({ params }) =>
    params['To'] === 'nothing'
      ? '<Hangup/>'
      : '<Dial><Client>nobody</Client></Dial><Dial><Client>jenny</Client></Dial><Hangup/>',
  );
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  (await jenny.rings()).reject();
  expect(await ended(call)).toMatchObject({ reason: 'rejected', by: 'remote' });
  expect(await ended(await stage.alice('nothing'))).toMatchObject({ reason: 'no-answer' });
  expect(stage.callers().map(({ status }) => status)).toEqual(['busy', 'no-answer']);
});

it('[D16] [C24] she gives up while it rings: canceled everywhere, the action asked once and not run', async () => {
  await using stage = await Stage.open(
    `<Dial action="/after"><Client ${EVENTS}>jenny</Client><Client ${EVENTS}>bob</Client></Dial>`,
  );
  stage.application.on('/after', '<Dial><Client>carol</Client></Dial>');
  const [jenny, bob, carol] = await stage.phones('jenny', 'bob', 'carol');
  const call = await stage.alice();
  const ringing = [await jenny.rings(), await bob.rings()];
  await stage.callback('bob', 'ringing');
  expect(await call.disconnect()).toMatchObject({ reason: 'cancelled', by: 'local' });
  for (const each of ringing) expect(await ended(each)).toMatchObject({ reason: 'cancelled', by: 'remote' });
  await stage.application.request('/after');
  expect(stage.application.at('/after')).toMatchObject([
    { params: { CallStatus: 'canceled', DialCallStatus: 'canceled', DialBridged: 'false' } },
  ]);
  expect((await stage.story()).filter((line) => line.includes('completed'))).toEqual([
    'jenny: 2 completed canceled',
    'bob: 2 completed canceled',
  ]);
  expect(carol.incoming).toEqual([]);
  expect(stage.callers()).toMatchObject([{ status: 'canceled' }]);
});

it('[D16] she gives up while her document is being asked for: nobody rings', async () => {
  await using stage = await Stage.open({ raw: () => undefined });
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await stage.application.request('/voice');
  await call.disconnect();
  await stage.quiet();
  expect(stage.callers()).toMatchObject([{ status: 'canceled' }]);
  expect(jenny.incoming).toEqual([]);
});

it('[D17] nobody decides about the call: forbidden, with a notification that says how to change that', async () => {
  await using stage = await Stage.open('', { environment: { PARLEY_VOICE_URL: '' } });
  expect(await ended(await stage.alice())).toMatchObject({ reason: 'forbidden' });
  expect(stage.notifications()).toMatchObject([{ code: 11007, callSid: stage.callers()[0]?.sid }]);
});

it('[D17] peerCalls makes dialling the client of that name the default', async () => {
  await using stage = await Stage.open('', {
    environment: { PARLEY_VOICE_URL: '', PARLEY_PEER_CALLS: 'on' },
  });
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await jenny.answers();
  await reached(call, 'joined');
});

it('[D17] the token’s application decides before the default one, and its parameters win over the page’s', async () => {
  await using stage = await Stage.open('<Reject/>');
  stage.application.on('/own', '<Reject reason="busy"/>');
  const { sid } = stage.gateway.store.applications.create(`AC${'5'.repeat(32)}`, {
    friendlyName: 'own',
    voiceUrl: stage.application.url('/own'),
    voiceMethod: 'POST',
  });
  const grants = { outgoing: { application: sid, params: { Team: 'red' } } };
  const alice = await stage.phone('alice', { grants });
  const call = await alice.device.connect({ to: 'jenny', params: { Team: 'blue', Size: 'xl' } });
  expect(await ended(call)).toMatchObject({ reason: 'busy' });
  expect(stage.application.at('/own')).toMatchObject([{ params: { Team: 'red', Size: 'xl', To: 'jenny' } }]);
});

it('[CA16] what a caller sends reaches the application, and cannot pretend to be the gateway’s', async () => {
  await using stage = await Stage.open('<Reject/>');
  const forged = {
    AccountSid: 'forged',
    CallSid: 'forged',
    CallStatus: 'forged',
    From: 'client:boss',
    Caller: 'client:boss',
    Direction: 'forged',
    DialCallStatus: 'completed',
    RecordingUrl: 'forged',
    Digits: '1234',
    ErrorCode: '1',
    Video: 'true',
    ApiVersion: 'forged',
  };
  await ended(await stage.alice('jenny', { params: { Color: 'blau', ...forged } }));
  const { params } = await stage.application.request('/voice');
  expect(params).toMatchObject({ Color: 'blau', From: 'client:alice', To: 'jenny', CallStatus: 'ringing' });
  expect(Object.values(params)).not.toContain('forged');
  for (const name of ['DialCallStatus', 'Digits', 'ErrorCode', 'Video'])
    expect(params).not.toHaveProperty(name);
});

it('[D14] [C14] after an answered dial without action the next verb follows', async () => {
  await using stage = await Stage.open(
    '<Dial><Client>jenny</Client></Dial><Dial><Client>bob</Client></Dial>',
  );
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  const call = await stage.alice();
  const told: string[] = [];
  call.on('parted', () => told.push('parted'));
  call.on('ringing', () => told.push('ringing'));
  const hers = await jenny.answers();
  await reached(call, 'joined');
  await hers.disconnect();
  await bob.answers();
  await reached(call, 'joined');
  expect(call.store.getSnapshot().other).toEqual({ identity: 'bob' });
  expect(told).toEqual(['ringing', 'parted', 'ringing']);
  await call.disconnect();
});

it('[C15] the action of an answered dial runs on the caller, who is still there', async () => {
  await using stage = await Stage.open('<Dial action="/after" method="GET"><Client>jenny</Client></Dial>');
  stage.application.on('/after', '<Dial><Client>bob</Client></Dial>');
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  const call = await stage.alice();
  await (await jenny.answers()).disconnect();
  await bob.answers();
  await reached(call, 'joined');
  expect(stage.application.at('/after')).toMatchObject([
    {
      method: 'GET',
      params: {
        DialCallStatus: 'completed',
        DialBridged: 'true',
        CallStatus: 'in-progress',
        From: 'client:alice',
      },
    },
  ]);
});

it('[C25] several Dials, unanswered: each rings in turn', async () => {
  await using stage = await Stage.open(
    '<Dial timeout="1"><Client>jenny</Client></Dial><Dial><Client>nobody</Client></Dial><Dial><Client>bob</Client></Dial>',
  );
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  const call = await stage.alice();
  expect(await ended(await jenny.rings())).toMatchObject({ reason: 'no-answer' });
  await bob.answers();
  await reached(call, 'joined');
});

it('[DL4] sequential rings one after another and passes over whoever cannot be rung', async () => {
  await using stage = await Stage.open(
    `<Dial sequential="true" timeout="1">${['jenny', 'nobody', 'bob', 'carol'].map((name) => `<Client ${EVENTS}>${name}</Client>`).join('')}</Dial>`,
  );
  const [jenny, bob, carol] = await stage.phones('jenny', 'bob', 'carol');
  const call = await stage.alice();
  const hers = await jenny.rings();
  expect(bob.incoming).toEqual([]);
  expect(await ended(hers)).toMatchObject({ reason: 'no-answer' });
  await bob.answers();
  await reached(call, 'joined');
  await call.disconnect();
  expect((await stage.story()).filter((line) => line.includes('completed'))).toEqual([
    'jenny: 2 completed no-answer',
    'nobody: 1 completed failed',
    'bob: 3 completed completed',
  ]);
  expect(carol.incoming).toEqual([]);
});

it('[DL8] hangupOnStar: the caller leaves the dial with * and goes on', async () => {
  await using stage = await Stage.open(
    '<Dial hangupOnStar="true" action="/after"><Client>jenny</Client></Dial>',
  );
  stage.application.on('/after', '<Dial><Client>bob</Client></Dial>');
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  const call = await stage.alice();
  const hers = await jenny.answers();
  await reached(call, 'joined');
  const heard: string[] = [];
  hers.on('digits', (digits) => heard.push(digits));
  await call.sendDigits('12');
  await become(
    () => heard.join('') === '12',
    () => 'the keys',
  );
  await call.sendDigits('*');
  expect(await ended(hers)).toMatchObject({ reason: 'remote-hangup' });
  await bob.answers();
  await reached(call, 'joined');
  expect(stage.application.at('/after')).toMatchObject([
    { params: { DialCallStatus: 'completed', DialBridged: 'true' } },
  ]);
});

it('[C22] [DL5] timeLimit ends the callee, and the caller goes on', async () => {
  await using stage = await Stage.open(
    `<Dial timeLimit="1" action="/after"><Client ${EVENTS}>jenny</Client></Dial>`,
  );
  stage.application.on('/after', '<Dial><Client>bob</Client></Dial>');
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  const call = await stage.alice();
  const hers = await jenny.answers();
  expect(await ended(hers)).toMatchObject({ reason: 'time-limit', by: 'server' });
  await bob.answers();
  await reached(call, 'joined');
  expect(stage.application.at('/after')).toMatchObject([
    { params: { DialCallStatus: 'completed', DialCallDuration: '1' } },
  ]);
  await call.disconnect();
  expect((await stage.story()).at(-1)).toBe('jenny: 3 completed completed');
});

it('[SC14] [SC15] Gather posts the keys to the action, and to the current document without one', async () => {
  await using stage = await Stage.open(({ params }) => {
    if (params['Digits'] === '12') return '<Gather action="/choice" numDigits="1"/>';
    return params['Digits'] === undefined ? '<Gather finishOnKey="#"/>' : '<Reject/>';
  });
  stage.application.on('/choice', '<Hangup/>');
  const call = await stage.alice();
  await reached(call, 'answered');
  await call.sendDigits('12#');
  await stage.application.request('/voice', 2);
  await call.sendDigits('7');
  expect((await stage.application.request('/choice')).params).toMatchObject({
    Digits: '7',
    CallStatus: 'in-progress',
  });
  expect(await ended(call)).toMatchObject({ reason: 'remote-hangup', by: 'server' });
});

it('[SC4] Redirect abandons the verbs after it, and its document is where relative URLs resolve', async () => {
  await using stage = await Stage.open(
    '<Redirect method="GET">/a/b</Redirect><Dial><Client>bob</Client></Dial>',
  );
  stage.application.on('/a/b', '<Redirect>c?x=1</Redirect>');
  stage.application.on('/a/c', '<Dial><Client>jenny</Client></Dial>');
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  const call = await stage.alice();
  await jenny.answers();
  await reached(call, 'joined');
  expect(stage.application.asked.map(({ method, target }) => `${method} ${target.split('&')[0]}`)).toEqual([
    'POST /voice',
    expect.stringMatching(/^GET \/a\/b\?AccountSid=/) as string,
    'POST /a/c?x=1',
  ]);
  expect(bob.incoming).toEqual([]);
});

it('[SC8] Pause lasts as long as it says', async () => {
  await using stage = await Stage.open('<Pause length="1"/><Reject reason="busy"/>');
  const call = await stage.alice();
  const askedAtMs = performance.now();
  expect(await ended(call)).toMatchObject({ reason: 'busy' });
  expect(performance.now() - askedAtMs).toBeGreaterThan(900);
});
