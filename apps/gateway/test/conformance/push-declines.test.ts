// People who have no page open, are sent for, and decline.
import { PushRing, SUSPENDED_CLOSE_CODE, type PushDecline } from '@parley/protocol';
import { PushServer } from '@parley/testkit/push-server';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { Phone } from '../edge-phone.ts';
import { ask, pushStage, sleeps, told, DIAL } from './push-stage.ts';
import { askRest } from './rest.ts';
import { become } from './soon.ts';
import type { Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const DECLINED = ['jenny: 0 initiated initiated', 'jenny: 1 completed busy'];

/** What a device was told by which it may decline. */
function decliningBy(service: PushServer, message: number): PushDecline {
  const ring = v.parse(PushRing, service.received[message]?.payload);
  if (ring.decline === undefined) throw new Error('the gateway let nobody decline');
  return { callSid: ring.callSid, secret: ring.decline };
}

function decline(stage: Stage, body: unknown, origin?: string) {
  return ask(stage, { path: '/decline', body, ...(origin === undefined ? {} : { origin }) });
}

const TAKEN = { status: 200, said: {} };
const UNKNOWN = { status: 404, said: { name: 'unknown-call' } };

it('[WP20] [WP21] the only device that was told declines: the caller learns that she was refused, at once', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  const call = await stage.alice();
  await told(service, 1);
  expect(await decline(stage, decliningBy(service, 0))).toEqual(TAKEN);
  expect(await ended(call)).toMatchObject({ reason: 'rejected', by: 'remote', durationMs: 0 });
  expect(await stage.story()).toEqual(DECLINED);
  expect(stage.application.at('/after')).toMatchObject([{ params: { DialCallStatus: 'busy' } }]);
  // She knows, and is not told that she has missed a call.
  expect(service.received).toHaveLength(1);
});

it('[WP21] one of two declines, and the other may still come; who declined is told no more', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  const [one, two] = [await sleeps(stage, service), await sleeps(stage, service)];
  const call = await stage.alice();
  await told(service, 2);
  const first = service.received.findIndex(({ endpoint }) => endpoint === one.endpoint);
  await decline(stage, decliningBy(service, first));
  expect(call.store.getSnapshot().phase).toBe('calling');
  const woken = await stage.phone('jenny');
  await (await woken.rings()).accept();
  await reached(call, 'joined');
  const [, , over] = await told(service, 3);
  expect(over).toMatchObject({ endpoint: two.endpoint, payload: { over: 'answered' } });
  await call.disconnect();
  expect(service.received).toHaveLength(3);
});

it('[WP21] the last of them declines: refused; also where one could not be reached', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  await sleeps(stage, service);
  service.unsubscribe(await sleeps(stage, service));
  const call = await stage.alice();
  await told(service, 2);
  await decline(stage, decliningBy(service, 0));
  await decline(stage, decliningBy(service, 1));
  expect(await ended(call)).toMatchObject({ reason: 'rejected' });
  expect(await stage.story()).toEqual(DECLINED);
});

it('[WP21] nobody comes, and somebody has declined: refused, when the wait is over', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage({ PARLEY_PUSH_WAIT_SECONDS: '1' });
  await sleeps(stage, service);
  await sleeps(stage, service);
  const call = await stage.alice();
  await told(service, 2);
  await decline(stage, decliningBy(service, 0));
  expect(await ended(call)).toMatchObject({ reason: 'rejected' });
  expect(await stage.story()).toEqual(DECLINED);
});

it('[WP21] whoever rings, rings on', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  const here = await stage.phone('jenny');
  const call = await stage.alice();
  const ringing = await here.rings();
  await told(service, 1);
  expect(await decline(stage, decliningBy(service, 0))).toEqual(TAKEN);
  await ringing.accept();
  await reached(call, 'joined');
  await call.disconnect();
});

it('[WP21] a page that is put aside does not ring: who declines in the notification is refused at once', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  const page = await Phone.open(stage.socketUrl, {});
  await page.hello(await stage.token('jenny'));
  page.socket.close(SUSPENDED_CLOSE_CODE, 'suspended');
  await page.closed;
  const call = await stage.alice();
  await told(service, 1);
  expect(call.store.getSnapshot().end).toBeNull();
  expect(await decline(stage, decliningBy(service, 0))).toEqual(TAKEN);
  expect(await ended(call)).toMatchObject({ reason: 'rejected', by: 'remote' });
  expect(await stage.story()).toEqual(DECLINED);
});

it('[WP21] in a dial of two, the other is rung on; a call made by REST is refused likewise', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage({}, DIAL.replace('</Dial>', '<Client>otto</Client></Dial>'));
  await sleeps(stage, service);
  const otto = await stage.phone('otto');
  const call = await stage.alice();
  await told(service, 1);
  await decline(stage, decliningBy(service, 0));
  await (await otto.rings()).accept();
  await reached(call, 'joined');
  await call.disconnect();

  const order = { To: 'client:jenny', From: 'office', Rcml: '<Response><Pause length="5"/></Response>' };
  const { sid } = await askRest(stage, '/Calls.json', order);
  await told(service, 2);
  await decline(stage, decliningBy(service, 1));
  await become(
    () => stage.callers().find((leg) => leg.sid === sid)?.status === 'busy',
    () => 'that the call is busy',
  );
});

it('[WP20] a secret is worth one decline, of its own call, while that rings', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  await sleeps(stage, service);
  const call = await stage.alice();
  await told(service, 2);
  const [mine, other] = [decliningBy(service, 0), decliningBy(service, 1)];
  expect(mine.secret).not.toBe(other.secret);
  expect(await decline(stage, { ...mine, secret: 'A'.repeat(43) })).toMatchObject(UNKNOWN);
  expect(await decline(stage, { ...mine, callSid: `CA${'0'.repeat(32)}` })).toMatchObject(UNKNOWN);
  expect(await decline(stage, mine)).toEqual(TAKEN);
  expect(await decline(stage, mine)).toMatchObject(UNKNOWN);
  expect(call.store.getSnapshot().phase).toBe('calling');
  await call.disconnect();
  await told(service, 3);
  expect(await decline(stage, other)).toMatchObject(UNKNOWN);
});

it('[WP20] what cannot be one is refused by name, and no secret is logged', async () => {
  await using service = await PushServer.start();
  await using stage = await pushStage();
  await sleeps(stage, service);
  const call = await stage.alice();
  await told(service, 1);
  const mine = decliningBy(service, 0);
  for (const body of ['no json', {}, { ...mine, secret: 'short' }, { ...mine, callSid: 'jenny' }])
    expect(await decline(stage, body)).toMatchObject({ status: 400, said: { name: 'bad-decline' } });
  expect(await decline(stage, mine, 'https://elsewhere.example')).toMatchObject({
    status: 403,
    said: { name: 'forbidden' },
  });
  const asked = await fetch(`${stage.gateway.url}/parley/push/decline`);
  expect([asked.status, asked.headers.get('Allow')]).toEqual([405, 'POST, OPTIONS']);
  expect(await decline(stage, mine)).toEqual(TAKEN);
  await ended(call);
  expect(stage.logged('a person has declined in a notification')).toHaveLength(1);
  expect(JSON.stringify(stage.logged(''))).not.toContain(mine.secret);
});

it('[WP20] a page of an origin that is let in may be declined from, and too much at once is refused', async () => {
  await using stage = await pushStage({ PARLEY_ORIGINS: 'https://app.example' });
  const path = `${stage.gateway.url}/parley/push/decline`;
  const asked = await fetch(path, { method: 'OPTIONS', headers: { Origin: 'https://app.example' } });
  expect(asked.status).toBe(204);
  expect(asked.headers.get('Access-Control-Allow-Origin')).toBe('https://app.example');
  expect(asked.headers.get('Access-Control-Allow-Methods')).toBe('POST');
  const body = { callSid: `CA${'0'.repeat(32)}`, secret: 'A'.repeat(43) };
  const answers = await Promise.all(Array.from({ length: 30 }, () => decline(stage, body)));
  expect(answers.filter(({ status }) => status === 429)).not.toEqual([]);
  expect(answers.find(({ status }) => status === 429)?.said).toMatchObject({ name: 'rate-limited' });
});
