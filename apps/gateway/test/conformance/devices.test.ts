// Legs and the devices they ring.
import { Device as TwilioDevice } from '@parley/client/compat/twilio';
import { headlessPlatform } from '@parley/testkit';
import { expect, it } from 'vitest';
import { Phone } from '../edge-phone.ts';
import { become } from './soon.ts';
import { EVENTS, Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const DIAL = `<Dial action="/after"><Client ${EVENTS}>jenny</Client></Dial>`;

async function stageOf(dial = DIAL, options: Parameters<typeof Stage.open>[1] = {}): Promise<Stage> {
  const stage = await Stage.open(dial, options);
  stage.application.on('/after', '<Hangup/>');
  return stage;
}

/** A device that can be cut off as a network does it: a bare socket that has said hello, and nothing more. */
async function bareDevice(stage: Stage, name: string): Promise<Phone> {
  const phone = await Phone.open(stage.socketUrl, {});
  await phone.hello(await stage.token(name));
  return phone;
}

it('[D1] [C10] three devices are one leg: one CallSid, one row of callbacks, ringing once', async () => {
  await using stage = await stageOf();
  const devices = [await stage.phone('jenny'), await stage.phone('jenny'), await stage.phone('jenny')];
  await stage.alice();
  const ringing = await Promise.all(devices.map((device) => device.rings()));
  expect(new Set(ringing.map((each) => each.parameters.CallSid)).size).toBe(1);
  await ringing[2]?.accept();
  await ringing[2]?.disconnect();
  expect(await stage.story()).toEqual([
    'jenny: 0 initiated initiated',
    'jenny: 1 ringing ringing',
    'jenny: 2 answered in-progress',
    'jenny: 3 completed completed',
  ]);
});

it('[D2] [C12] one device rejects and the others ring on; the leg is busy when the last has', async () => {
  await using stage = await stageOf();
  const devices = [await stage.phone('jenny'), await stage.phone('jenny'), await stage.phone('jenny')];
  const call = await stage.alice();
  const [one, two, three] = await Promise.all(devices.map((device) => device.rings()));
  one?.reject();
  three?.ignore();
  await stage.callback('jenny', 'ringing');
  expect(two?.status()).toBe('pending');
  two?.reject();
  await become(
    () => stage.gateway.counts().calls.parts === 2,
    () => 'only the caller and the silent device',
  );
  expect(three?.status()).toBe('pending');
  three?.reject();
  expect(await ended(call)).toMatchObject({ reason: 'rejected', by: 'remote' });
  expect((await stage.story()).at(-1)).toBe('jenny: 2 completed busy');
  expect(stage.application.at('/after')).toMatchObject([{ params: { DialCallStatus: 'busy' } }]);
});

it('[D2] rejecting everywhere ends the leg, and the others learn rejected-elsewhere', async () => {
  await using stage = await stageOf();
  const desk = await stage.phone('jenny', { deviceLabel: 'desk' });
  const mobile = await stage.phone('jenny');
  const call = await stage.alice();
  const [atDesk, atMobile] = [await desk.rings(), await mobile.rings()];
  atDesk.reject({ everywhere: true });
  expect(await ended(atMobile)).toMatchObject({
    reason: 'rejected-elsewhere',
    elsewhere: { identity: 'jenny', deviceLabel: 'desk' },
  });
  expect(await ended(call)).toMatchObject({ reason: 'rejected' });
  expect((await stage.story()).at(-1)).toBe('jenny: 2 completed busy');
});

it('[D3] a device that registers while its name rings, rings too, and may answer', async () => {
  await using stage = await stageOf();
  const early = await stage.phone('jenny');
  const call = await stage.alice();
  const first = await early.rings();
  const late = await stage.phone('jenny', { deviceLabel: 'late' });
  const second = await late.answers();
  await reached(call, 'joined');
  expect(call.store.getSnapshot().other).toEqual({ identity: 'jenny', deviceLabel: 'late' });
  expect(await ended(first)).toMatchObject({ reason: 'answered-elsewhere' });
  await second.disconnect();
  expect(await stage.story()).toHaveLength(4);
});

it('[D3] a device that registers after the answer does not ring', async () => {
  await using stage = await stageOf();
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await jenny.answers();
  await reached(call, 'joined');
  const late = await stage.phone('jenny');
  await call.disconnect();
  await stage.quiet();
  expect(late.incoming).toEqual([]);
});

it('[D3] the same name in two nouns: two legs, a device rings once, the second is canceled', async () => {
  await using stage = await stageOf(
    `<Dial><Client ${EVENTS}>jenny</Client><Client ${EVENTS}>jenny</Client></Dial>`,
  );
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await jenny.answers();
  await reached(call, 'joined');
  await call.disconnect();
  expect(await stage.story()).toEqual([
    'jenny: 0 initiated initiated',
    'jenny: 1 ringing ringing',
    'jenny: 2 answered in-progress',
    'jenny: 3 completed completed',
    'jenny: 0 initiated initiated',
    'jenny: 1 ringing ringing',
    'jenny: 2 completed canceled',
  ]);
  expect(jenny.incoming).toHaveLength(1);
});

it('[D3] calling one’s own name rings the other devices only', async () => {
  await using stage = await stageOf('<Dial><Client>alice</Client></Dial>');
  const alice = await stage.phone('alice');
  const other = await stage.phone('alice', { deviceLabel: 'other' });
  const call = await alice.device.connect({ to: 'alice' });
  await other.answers();
  await reached(call, 'joined');
  expect(alice.incoming).toEqual([]);
});

it('[D4] [C03] the last device says bye while it rings: over at once, no-answer', async () => {
  await using stage = await stageOf();
  const devices = [await bareDevice(stage, 'jenny'), await bareDevice(stage, 'jenny')];
  const call = await stage.alice();
  for (const device of devices) {
    const { callId } = await device.nextOf('incoming');
    device.say({ type: 'alerting', callId });
    await device.inStep();
  }
  devices[0]?.say({ type: 'bye' });
  await become(
    () => stage.gateway.counts().calls.parts === 2,
    () => 'the caller and the device that is left',
  );
  expect(call.status()).toBe('ringing');
  devices[1]?.say({ type: 'bye' });
  expect(await ended(call)).toMatchObject({ reason: 'no-answer' });
  expect(await stage.story()).toEqual([
    'jenny: 0 initiated initiated',
    'jenny: 1 ringing ringing',
    'jenny: 2 completed no-answer',
  ]);
});

it('[D4] a device whose socket is lost while it rings is waited for until its grace is over', async () => {
  await using stage = await stageOf(DIAL, { graceMs: 300 });
  const jenny = await bareDevice(stage, 'jenny');
  const call = await stage.alice();
  const { callId } = await jenny.nextOf('incoming');
  jenny.say({ type: 'alerting', callId });
  await stage.callback('jenny', 'ringing');
  jenny.cut();
  expect(await ended(call)).toMatchObject({ reason: 'no-answer' });
  expect((await stage.story()).at(-1)).toBe('jenny: 2 completed no-answer');
  expect(stage.gateway.counts().devices.sessions).toBe(1);
});

it('[D4] a device whose socket is gone delays nobody: the other device answers, and the caller is joined', async () => {
  await using stage = await stageOf();
  const lost = await bareDevice(stage, 'jenny');
  lost.cut();
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.answers();
  await reached(call, 'joined');
  await hers.disconnect();
  expect(await stage.story()).toHaveLength(4);
});

it('[D4] a device that is alone and away delays the dial no longer than its timeout', async () => {
  await using stage = await stageOf(
    `<Dial timeout="1" action="/after"><Client ${EVENTS}>jenny</Client></Dial>`,
  );
  const lost = await bareDevice(stage, 'jenny');
  lost.cut();
  await become(
    () => stage.gateway.counts().devices.online === 0,
    () => 'the loss of the socket',
  );
  const call = await stage.alice();
  expect(await ended(call)).toMatchObject({ reason: 'no-answer' });
  expect(await stage.story()).toEqual(['jenny: 0 initiated initiated', 'jenny: 1 completed no-answer']);
});

it('[D4] a caller whose socket is lost and whose grace is over has left: canceled', async () => {
  await using stage = await stageOf(DIAL, { graceMs: 300 });
  const jenny = await stage.phone('jenny');
  const alice = await bareDevice(stage, 'alice');
  alice.say({
    type: 'connect',
    id: 'r1',
    callId: 'call-of-alice',
    params: { To: 'jenny' },
    media: { audio: true, video: false },
  });
  const hers = await jenny.rings();
  alice.cut();
  expect(await ended(hers)).toMatchObject({ reason: 'cancelled' });
  expect((await stage.story()).at(-1)).toBe('jenny: 2 completed canceled');
});

it('[D7] [C08] a client who is not registered: initiated, completed failed, a notification, the action at once', async () => {
  await using stage = await stageOf();
  const call = await stage.alice();
  expect(await ended(call)).toMatchObject({ reason: 'not-registered' });
  expect(await stage.story()).toEqual(['jenny: 0 initiated initiated', 'jenny: 1 completed failed']);
  const legSid = stage.legs()[0]?.sid;
  expect(stage.application.at('/after')).toMatchObject([
    {
      params: { DialCallStatus: 'failed', DialCallSid: legSid, DialCallDuration: '0', DialBridged: 'false' },
    },
  ]);
  expect(stage.notifications(11008)).toMatchObject([{ callSid: legSid }]);
});

it('[D7] a name that nobody can have is nobody’s', async () => {
  await using stage = await stageOf(`<Dial><Client>${'n'.repeat(300)}</Client></Dial>`);
  expect(await ended(await stage.alice())).toMatchObject({ reason: 'not-registered' });
});

it('[D8] mixed ends: the status and the sid are those of the leg that ended last', async () => {
  await using stage = await stageOf(
    '<Dial timeout="1" action="/after"><Client>nobody</Client><Client>busy</Client><Client>silent</Client></Dial>',
  );
  const [busy, silent] = await stage.phones('busy', 'silent');
  await stage.alice('all');
  await silent.rings();
  (await busy.rings()).reject();
  const { params } = await stage.application.request('/after');
  expect(params).toMatchObject({
    DialCallStatus: 'no-answer',
    DialCallSid: stage.legs()[2]?.sid,
    DialBridged: 'false',
    DialRingDuration: '1',
  });
  expect(params).not.toHaveProperty('DialAnsweredBy');
});

it('[D8] who answered is told by name and device, and the sid is the winner’s', async () => {
  await using stage = await stageOf(
    `<Dial action="/after"><Client>bob</Client><Client>jenny</Client></Dial>`,
  );
  const [bob, jenny] = [
    await stage.phone('bob'),
    await stage.phone('jenny', { deviceLabel: 'Jenny’s desk' }),
  ];
  const call = await stage.alice('all');
  await bob.rings();
  const hers = await jenny.answers();
  await reached(call, 'joined');
  await hers.disconnect();
  expect((await stage.application.request('/after')).params).toMatchObject({
    DialCallStatus: 'completed',
    DialBridged: 'true',
    DialAnsweredBy: 'jenny',
    DialAnsweredDevice: 'Jenny’s desk',
    DialCallSid: hers.parameters.CallSid,
  });
});

it('[GW1] a phone whose media cannot be had leaves the others ringing', async () => {
  await using stage = await stageOf(
    `<Dial action="/after"><Client ${EVENTS}>jenny</Client><Client ${EVENTS}>bob</Client></Dial>`,
  );
  const [jenny, bob, alice] = await stage.phones('jenny', 'bob', 'alice');
  const call = await alice.device.connect({ to: 'all' });
  const [hers, his] = [await jenny.rings(), await bob.rings()];
  await stage.callback('jenny', 'ringing');
  stage.media?.failMediaOf(hers);
  expect(await ended(hers)).toMatchObject({ reason: 'media' });
  await his.accept();
  await reached(call, 'joined');
  await call.disconnect();
  expect(await stage.story()).toContain('jenny: 2 completed failed');
});

it('[GW1] a caller whose media cannot be had is told so, and nobody is left ringing', async () => {
  await using stage = await stageOf(DIAL, { expectedFailure: 'no media for a caller' });
  const [jenny, alice] = await stage.phones('jenny', 'alice');
  stage.media?.refuseOpen('no worker is left');
  const call = await alice.device.connect({ to: 'jenny' });
  expect(await ended(call)).toMatchObject({ reason: expect.stringMatching(/^(media|server)$/) as string });
  stage.media?.refuseOpen(undefined);
  await stage.quiet();
  expect(jenny.incoming).toEqual([]);
  expect(stage.callers()).toMatchObject([{ status: 'failed', endReason: 'media' }]);
});

it('[PK35] a call is taken at another device by Twilio’s connectToken, which rings for nothing else', async () => {
  await using stage = await stageOf();
  const here = await stage.phone('jenny');
  const call = await stage.alice();
  const ringing = await here.rings();
  const target = new TwilioDevice(await stage.token('jenny'), {
    url: stage.socketUrl,
    platform: headlessPlatform({}),
    sounds: false,
  });
  const news: unknown[] = [];
  target.on('incoming', (heard) => news.push(heard));
  const taken = await target.connect({ connectToken: ringing.parameters.CallSid });
  await reached(call, 'joined');
  expect(await ended(ringing)).toMatchObject({ reason: 'answered-elsewhere' });
  await reached(taken.parley, 'joined');

  const another = await stage.alice();
  await (await here.rings()).accept();
  await reached(another, 'joined');
  expect(news).toEqual([]);
  expect(target.calls).toEqual([taken]);
  taken.disconnect();
  await ended(call);
  await another.disconnect();
  await target.parley.destroy();
});
