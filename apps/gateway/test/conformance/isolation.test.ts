// One call's failure is its own, also when the failure is ours; and what nobody may do to others.
import { expect, it, vi } from 'vitest';
import { mintToken } from '../../src/edge/token.ts';
import { Phone } from '../edge-phone.ts';
import { become } from './soon.ts';
import { EVENTS, Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const DIAL_TO = ({ params }: { readonly params: Readonly<Record<string, string>> }): string =>
  `<Dial><Client ${EVENTS}>${params['To'] ?? ''}</Client></Dial>`;

it('[GW3] a call that breaks in our hands ends for everybody in it, its callbacks are told, and no other notices', async () => {
  await using stage = await Stage.open(DIAL_TO, { expectedFailure: 'call crashed' });
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  const well = await stage.alice('bob');
  await bob.answers();
  await reached(well, 'joined');
  const call = await stage.alice('jenny');
  const hers = await jenny.rings();
  stage.media?.breakOnce('bridge');
  void hers.accept().catch(() => undefined);
  expect(await ended(hers)).toMatchObject({ reason: 'server', by: 'server' });
  expect(await ended(call)).toMatchObject({ reason: 'server', by: 'server' });
  const legSid = hers.parameters.CallSid;
  await become(
    () => stage.storyOf(legSid).length === 4,
    () => `four callbacks; told were ${stage.storyOf(legSid).join(', ')}`,
  );
  // She had picked up: her leg has a true end, as after a restart (D9).
  expect(stage.storyOf(legSid).at(-1)).toBe('3 completed completed');
  expect((await stage.callback('jenny', 'completed')).params).toMatchObject({
    EndReason: 'server',
    CallDuration: '0',
    CallSid: legSid,
    ParentCallSid: call.parameters.CallSid,
  });
  expect(stage.legs().find(({ sid }) => sid === legSid)).toMatchObject({
    status: 'completed',
    endReason: 'server',
  });
  expect(well.store.getSnapshot().phase).toBe('joined');
});

it('[GW3] media that break while a phone is being rung end that call alone', async () => {
  await using stage = await Stage.open(DIAL_TO, { expectedFailure: 'call crashed' });
  const [jenny, bob] = await stage.phones('jenny', 'bob');
  stage.media?.breakOnce('prepare');
  const call = await stage.alice('jenny');
  expect(await ended(call)).toMatchObject({ reason: 'server' });
  expect(jenny.incoming).toEqual([]);
  expect((await stage.callback('jenny', 'completed')).params).toMatchObject({
    CallStatus: 'failed',
    SequenceNumber: '1',
  });
  const well = await stage.alice('bob');
  await bob.answers();
  await reached(well, 'joined');
});

it('[GW3] a store that fails for a while costs rows, not calls', async () => {
  await using stage = await Stage.open(DIAL_TO, { expectedFailure: 'a leg could not be written down' });
  const jenny = await stage.phone('jenny');
  const { calls } = stage.gateway.store;
  const fail = (): never => {
    throw new Error('the disk is full');
  };
  const failing = [
    vi.spyOn(calls, 'answered').mockImplementation(fail),
    vi.spyOn(calls, 'setStatus').mockImplementation(fail),
  ];
  const call = await stage.alice('jenny');
  const hers = await jenny.answers();
  await reached(call, 'joined');
  for (const each of failing) each.mockRestore();
  await hers.disconnect();
  expect(await ended(call)).toMatchObject({ reason: 'remote-hangup' });
  expect(await stage.story()).toHaveLength(4);
});

it('[GW4] a second call that is refused leaves the person busy who is talking', async () => {
  await using stage = await Stage.open(DIAL_TO);
  const [jenny, bob, watcher] = await stage.phones('jenny', 'bob', 'watcher');
  const busy = new Map<string, boolean>();
  watcher.device.on('presence', (people) => {
    for (const person of people) busy.set(person.identity, person.busy);
  });
  watcher.device.watchPresence();
  const call = await stage.alice('jenny');
  await jenny.answers();
  await reached(call, 'joined');
  await become(
    () => busy.get('jenny') === true,
    () => 'jenny to be busy',
  );
  const second = await bob.device.connect({ to: 'jenny' });
  await become(
    () => busy.get('bob') === true,
    () => 'bob to be busy',
  );
  (await jenny.rings()).reject();
  await ended(second);
  await become(
    () => busy.get('bob') === false,
    () => 'bob to be free again',
  );
  expect(busy.get('jenny')).toBe(true);
  await call.disconnect();
  await become(
    () => busy.get('jenny') === false,
    () => 'jenny to be free again',
  );
});

it('[GW5] a device rings for sixteen calls at once and no more', async () => {
  await using stage = await Stage.open(DIAL_TO);
  const jenny = await stage.phone('jenny');
  const callers = await stage.phones('alice', 'bob');
  const calls = [];
  for (const caller of callers) {
    for (let count = 0; count < 9; count += 1) calls.push(await caller.device.connect({ to: 'jenny' }));
  }
  await Promise.all(calls.slice(16).map(ended));
  await become(
    () => jenny.incoming.length >= 16,
    () => `sixteen calls that ring; ${jenny.incoming.length} do`,
  );
  expect(jenny.incoming).toHaveLength(16);
  expect(calls.filter((call) => call.store.getSnapshot().end === null)).toHaveLength(16);
});

it('[GW6] people of another account with the same name neither ring nor learn of it', async () => {
  await using stage = await Stage.open(DIAL_TO);
  const other = { sid: `AC${'6'.repeat(32)}`, authToken: 'another auth token that is long enough' };
  stage.gateway.store.accounts.save({ ...other, friendlyName: 'another' });
  const token = await mintToken({
    identity: 'jenny',
    issuer: other.sid,
    secret: other.authToken,
    ttlSeconds: 60,
    incoming: true,
    outgoing: true,
  });
  const theirs = await Phone.open(stage.socketUrl, {});
  await theirs.hello(token);
  expect(await ended(await stage.alice('jenny'))).toMatchObject({ reason: 'not-registered' });
  const ours = await stage.phone('jenny');
  const call = await stage.alice('jenny');
  await ours.answers();
  await reached(call, 'joined');
  await theirs.inStep();
  expect(theirs.frames.some(({ type }) => type === 'incoming')).toBe(false);
  theirs.cut();
});

it('[GW7] a token without incoming is never rung; one without outgoing places no call', async () => {
  await using stage = await Stage.open(DIAL_TO);
  const deaf = await Phone.open(stage.socketUrl, {});
  await deaf.hello(await stage.token('jenny', { incoming: false }));
  expect(await ended(await stage.alice('jenny'))).toMatchObject({ reason: 'not-registered' });
  deaf.cut();
  const mute = await stage.phone('mute', { grants: { outgoing: false } });
  const call = await mute.device.connect({ to: 'jenny' });
  expect(await ended(call)).toMatchObject({ reason: 'forbidden' });
  expect(stage.notifications(31201)).toHaveLength(1);
});

it('[D32] drained: new calls are refused, running ones may end by themselves, the rest is told why', async () => {
  await using stage = await Stage.open(DIAL_TO, { leavesCallbacks: true });
  const [jenny, bob, carol] = await stage.phones('jenny', 'bob', 'carol');
  const [one, two] = [await stage.alice('jenny'), await stage.alice('bob')];
  const hers = await jenny.answers();
  const his = await bob.answers();
  await Promise.all([reached(one, 'joined'), reached(two, 'joined')]);
  const drained = stage.drain(1000);
  const late = await carol.device.connect({ to: 'jenny' });
  expect(await ended(late)).toMatchObject({ by: 'server', error: { name: 'draining' } });
  await hers.disconnect();
  expect(await ended(one)).toMatchObject({ reason: 'remote-hangup' });
  expect(two.store.getSnapshot().phase).toBe('joined');
  expect(await ended(two)).toMatchObject({ reason: 'draining' });
  expect(await ended(his)).toMatchObject({ reason: 'draining' });
  await drained;
});

it('[GW8] a callback that nobody takes is told to the author of its URL, and delays nothing', async () => {
  await using stage = await Stage.open(
    '<Dial><Client statusCallback="/gone">jenny</Client><Client statusCallback="http://127.0.0.1:9/">bob</Client></Dial>',
    { leavesCallbacks: true },
  );
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await jenny.answers();
  await reached(call, 'joined');
  await call.disconnect();
  await become(
    () => stage.notifications(21402).length === 1 && stage.notifications(11001).length === 1,
    () => `two notifications: ${JSON.stringify(stage.notifications())}`,
  );
  const [toJenny, toBob] = stage.legs();
  expect(stage.notifications(21402)).toMatchObject([
    {
      callSid: toJenny?.sid,
      severity: 'warning',
      requestUrl: stage.application.url('/gone'),
      requestMethod: 'POST',
      responseStatus: 404,
    },
  ]);
  expect(stage.notifications(11001)).toMatchObject([
    { callSid: toBob?.sid, requestUrl: 'http://127.0.0.1:9/' },
  ]);
});
