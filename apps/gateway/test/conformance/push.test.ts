// People who have no page open, and are sent for.
import { PushServer, type PushSubscriptionFacts } from '@parley/testkit/push-server';
import { createPublicKey } from 'node:crypto';
import { jwtVerify } from 'jose';
import { expect, it } from 'vitest';
import { ask, CONTACT, DIAL, pushStage, sleeps, told, type Asking } from './push-stage.ts';
import { askRest } from './rest.ts';
import { become } from './soon.ts';
import { Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

it('[WP2] [WP5] rings a page that opens after the person was told, and tells the others that it was answered', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  await sleeps(stage, service);
  const call = await stage.alice('jenny', { video: true });
  const [first, second] = await told(service, 2);
  expect(first?.payload).toEqual({
    type: 'parley-ring',
    callSid: expect.stringMatching(/^CA/) as string,
    from: 'alice',
    to: 'jenny',
    video: false,
    decline: expect.stringMatching(/^[\w-]{43}$/) as string,
  });
  expect(second?.payload).toMatchObject({ type: 'parley-ring', from: 'alice', to: 'jenny' });
  expect(first).toMatchObject({ urgency: 'high', ttlSeconds: 25 });
  expect(call.store.getSnapshot().phase).toBe('calling');

  const jenny = await stage.phone('jenny');
  const ringing = await jenny.rings();
  expect(first?.payload).toMatchObject({ callSid: ringing.parameters.CallSid });
  await ringing.accept();
  await reached(call, 'joined');
  const messages = await told(service, 4);
  expect(messages.slice(2).map(({ payload }) => payload)).toEqual(
    [1, 2].map(() => ({
      type: 'parley-over',
      callSid: ringing.parameters.CallSid,
      from: 'alice',
      to: 'jenny',
      video: false,
      over: 'answered',
    })),
  );
  expect(new Set(messages.map(({ topic }) => topic)).size).toBe(1);
  await call.disconnect();
  expect(await stage.story()).toEqual([
    'jenny: 0 initiated initiated',
    'jenny: 1 ringing ringing',
    'jenny: 2 answered in-progress',
    'jenny: 3 completed completed',
  ]);
});

it('[WP2] a second page that opens joins the ringing', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  const call = await stage.alice();
  await told(service, 1);
  const one = await stage.phone('jenny');
  await one.rings();
  const two = await stage.phone('jenny');
  await (await two.rings()).accept();
  await reached(call, 'joined');
  expect(await ended(one.incoming[0] ?? call)).toMatchObject({ reason: 'answered-elsewhere' });
  await call.disconnect();
});

it('[WP2] wakes whom it rings and nobody else', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  const other = await sleeps(stage, service, 'otto');
  const call = await stage.alice();
  await told(service, 1);
  await call.disconnect();
  await told(service, 2);
  expect(service.received.filter(({ endpoint }) => endpoint === other.endpoint)).toEqual([]);
});

it('[WP2] a call made by REST waits for them as well', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  const order = { To: 'client:jenny', From: 'office', Rcml: '<Response><Pause length="5"/></Response>' };
  await askRest(stage, '/Calls.json', order);
  const [message] = await told(service, 1);
  expect(message?.payload).toMatchObject({ type: 'parley-ring', from: 'office', to: 'jenny' });
  const jenny = await stage.phone('jenny');
  const call = await jenny.answers();
  await reached(call, 'answered');
  await call.disconnect();
});

it('[WP3] nobody comes: not registered, as it would have been at once, and the person is told what was missed', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage({ PARLEY_PUSH_WAIT_SECONDS: '1' });
  await sleeps(stage, service);
  const call = await stage.alice();
  await ended(call);
  expect(await stage.story()).toEqual(['jenny: 0 initiated initiated', 'jenny: 1 completed failed']);
  expect(stage.application.at('/after')).toMatchObject([{ params: { DialCallStatus: 'failed' } }]);
  expect((await told(service, 2)).at(-1)?.payload).toMatchObject({ type: 'parley-over', over: 'missed' });
});

it('[WP3] the caller hangs up, or the dial’s own time is over, before somebody comes', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage({}, DIAL.replace('timeout="20"', 'timeout="1"'));
  await sleeps(stage, service);
  const impatient = await stage.alice();
  await told(service, 1);
  await impatient.disconnect();
  await told(service, 2);
  const patient = await stage.alice();
  await ended(patient);
  await told(service, 4);
  expect((await stage.story()).filter((line) => line.includes('completed'))).toEqual([
    'jenny: 1 completed canceled',
    'jenny: 1 completed no-answer',
  ]);
});

it('[WP4] whoever is registered rings at once; who wakes up joins', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  const here = await stage.phone('jenny');
  const call = await stage.alice();
  await here.rings();
  await told(service, 1);
  const woken = await stage.phone('jenny');
  await (await woken.rings()).accept();
  await reached(call, 'joined');
  await call.disconnect();
});

it('[WP6] a device that is gone is forgotten, and a service that fails delays nobody', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage({ PARLEY_PUSH_WAIT_SECONDS: '1' });
  service.unsubscribe(await sleeps(stage, service));
  await ended(await stage.alice());
  await become(
    () => stage.logged('a device that was to be woken is gone').length === 1,
    () => 'that the device is gone',
  );
  const legsBefore = stage.legs().length;
  const startedMs = performance.now();
  await ended(await stage.alice());
  // Nobody is left to wait for.
  expect(performance.now() - startedMs).toBeLessThan(1000);
  expect(stage.legs().length).toBe(legsBefore + 1);

  await sleeps(stage, service);
  service.refusal = 503;
  const here = await stage.phone('jenny');
  const call = await stage.alice();
  await (await here.rings()).accept();
  await reached(call, 'joined');
  await call.disconnect();
  await become(
    () => stage.logged('a device was not woken').length === 1,
    () => 'that the service has failed',
  );
});

it('[WP7] a person has eight devices: a ninth takes the place of the oldest; and what is taken back is forgotten', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage({ PARLEY_PUSH_WAIT_SECONDS: '1' });
  const all: PushSubscriptionFacts[] = [];
  for (let device = 0; device < 9; device += 1) all.push(await sleeps(stage, service));
  const [oldest, ...kept] = all.map(({ endpoint }) => endpoint);
  const known = () =>
    stage.gateway.store.pushAddresses.of(account(stage), 'jenny').map((each) => each.endpoint);
  expect(known().toSorted()).toEqual(kept.toSorted());
  expect(known()).not.toContain(oldest);
  const token = await stage.token('jenny');
  expect(await ask(stage, { method: 'DELETE', token, body: { endpoint: kept[0] } })).toMatchObject({
    status: 200,
  });
  expect(known()).not.toContain(kept[0]);
  // Another person's device is not hers to forget.
  await ask(stage, { method: 'DELETE', token: await stage.token('otto'), body: { endpoint: kept[1] } });
  expect(known()).toContain(kept[1]);
});

it('[WP8] the key to subscribe with is told, is signed with, and stays the same', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage({ PARLEY_PUSH_WAIT_SECONDS: '1' });
  const read = async () =>
    ((await (await fetch(`${stage.gateway.url}/parley/push`)).json()) as { publicKey: string }).publicKey;
  const publicKey = await read();
  expect(await read()).toBe(publicKey);
  await sleeps(stage, service);
  await ended(await stage.alice());
  const [message] = await told(service, 1);
  expect(message?.vapid.publicKey).toBe(publicKey);
  const raw = Buffer.from(publicKey, 'base64url');
  const key = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: raw.subarray(1, 33).toString('base64url'),
      y: raw.subarray(33).toString('base64url'),
    },
  });
  const { payload } = await jwtVerify(message?.vapid.token ?? '', key, { audience: service.url });
  expect(payload.sub).toBe(CONTACT);
});

it('[WP1] says why an address is not taken', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage({ PARLEY_ALLOW: service.url.replace('http://', '') });
  const token = await stage.token('jenny');
  const subscription = service.subscribe();
  const good = { token, body: { subscription } };
  expect(await ask(stage, good)).toEqual({ status: 201, said: {} });
  const cases: readonly (readonly [Asking, number, string])[] = [
    [{ body: { subscription } }, 401, 'token-invalid'],
    [{ ...good, token: 'nonsense' }, 401, 'token-invalid'],
    [{ ...good, token: await stage.token('jenny', { ttlSeconds: -3600 }) }, 401, 'token-expired'],
    [{ ...good, token: await stage.token('jenny', { incoming: false }) }, 403, 'forbidden'],
    [{ ...good, origin: 'https://elsewhere.example' }, 403, 'forbidden'],
    [{ token, body: 'no json' }, 400, 'bad-subscription'],
    [{ token, body: {} }, 400, 'bad-subscription'],
    [{ token, body: { subscription: { ...subscription, endpoint: 'nowhere' } } }, 400, 'bad-subscription'],
    [
      { token, body: { subscription: { ...subscription, endpoint: 'ftp://a.b/c' } } },
      400,
      'bad-subscription',
    ],
    // An address that is not public, and not the one the operator has allowed.
    [
      { token, body: { subscription: { ...subscription, endpoint: 'http://10.0.0.1/x' } } },
      400,
      'bad-subscription',
    ],
    [
      { token, body: { subscription: { ...subscription, keys: { p256dh: 'x', auth: 'y' } } } },
      400,
      'bad-subscription',
    ],
    [{ token, body: 'x'.repeat(5000) }, 413, 'too-large'],
  ];
  for (const [asking, status, name] of cases)
    expect(await ask(stage, asking)).toMatchObject({ status, said: { name } });
});

it('[WP1] without a contact there is no such address, and a name that is not registered fails at once', async () => {
  await using stage = await Stage.open(DIAL);
  stage.application.on('/after', '<Hangup/>');
  expect((await fetch(`${stage.gateway.url}/parley/push`)).status).toBe(404);
  await ended(await stage.alice());
  expect(await stage.story()).toEqual(['jenny: 0 initiated initiated', 'jenny: 1 completed failed']);
});

function account(stage: Stage): string {
  return stage.callers()[0]?.accountSid ?? `AC${'5'.repeat(32)}`;
}
