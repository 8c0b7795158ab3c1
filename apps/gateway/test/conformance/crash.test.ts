// A gateway that is killed with calls up, and started again on the same store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPhone } from '@parley/testkit';
import { expect, it, vi } from 'vitest';
import { mintToken } from '../../src/edge/token.ts';
import { openStore } from '../../src/store/store.ts';
import { Application, type Asked } from './application.ts';
import { DoomedGateway } from './doomed-gateway.ts';
import { become } from './soon.ts';
import { ACCOUNT, EVENTS } from './stage.ts';
import { reached, TestPhone } from './test-phone.ts';

// Each test starts two processes, which takes long on a machine that does other things.
vi.setConfig({ testTimeout: 60_000 });
const WITHIN_MS = 20_000;

function folder(): Disposable & { readonly path: string } {
  const made = mkdtempSync(path.join(tmpdir(), 'parley-conformance-'));
  return { path: made, [Symbol.dispose]: () => rmSync(made, { recursive: true, force: true }) };
}

async function phoneAt(gateway: DoomedGateway, name: string): Promise<TestPhone> {
  const token = await mintToken({
    identity: name,
    issuer: ACCOUNT.sid,
    secret: ACCOUNT.authToken,
    ttlSeconds: 600,
    incoming: true,
    outgoing: true,
  });
  const phone = new TestPhone(name, createPhone({ url: gateway.socketUrl, token, logLevel: 'error' }));
  await phone.device.register();
  return phone;
}

/** Each event once, by its key: a delivery may be repeated across a crash, an event may not. */
function events(asked: readonly Asked[]): readonly Asked[] {
  return [...new Map(asked.map((each) => [each.headers['webhook-id'], each])).values()];
}

const story = (asked: readonly Asked[], to: string): readonly string[] =>
  events(asked)
    .filter(({ params }) => params['To'] === `client:${to}`)
    .map(({ params }) => `${params['SequenceNumber']} ${params['CallEvent']} ${params['CallStatus']}`);

it('[D9] [ST7] [ST8] killed with calls up: legs are closed truthfully, and their ends are told', async () => {
  using data = folder();
  await using application = await Application.start();
  application.on('/voice', ({ params }) => `<Dial><Client ${EVENTS}>${params['To'] ?? ''}</Client></Dial>`);
  const legs: string[] = [];
  {
    await using gateway = await DoomedGateway.start(data.path, application);
    const [alice, talking, ringing] = [
      await phoneAt(gateway, 'alice'),
      await phoneAt(gateway, 'talking'),
      await phoneAt(gateway, 'ringing'),
    ];
    const call = await alice.device.connect({ to: 'talking' });
    legs.push((await talking.answers()).parameters.CallSid);
    await reached(call, 'joined');
    await alice.device.connect({ to: 'ringing' });
    legs.push((await ringing.rings()).parameters.CallSid);
    await become(
      () =>
        story(application.callbacks, 'ringing').length === 2 &&
        story(application.callbacks, 'talking').length === 3,
      () => `the callbacks before the crash: ${JSON.stringify(story(application.callbacks, 'talking'))}`,
      WITHIN_MS,
    );
    await gateway.kill();
    for (const phone of [alice, talking, ringing]) await phone.device.destroy();
  }
  {
    await using again = await DoomedGateway.start(data.path, application);
    await become(
      () => events(application.callbacks).length === 7,
      () => `the ends of both legs from ${again.url}; told was ${application.callbacks.length}`,
      WITHIN_MS,
    );
  }
  expect(story(application.callbacks, 'talking')).toEqual([
    '0 initiated initiated',
    '1 ringing ringing',
    '2 answered in-progress',
    '3 completed completed',
  ]);
  expect(story(application.callbacks, 'ringing')).toEqual([
    '0 initiated initiated',
    '1 ringing ringing',
    '2 completed failed',
  ]);
  const ends = application.callbacks.filter(({ params }) => params['CallEvent'] === 'completed');
  const before = application.callbacks.find(({ params }) => params['CallEvent'] === 'ringing');
  for (const { params } of ends) {
    expect(params).toMatchObject({
      EndReason: 'gateway-restart',
      AccountSid: ACCOUNT.sid,
      From: 'client:alice',
      ParentCallSid: expect.stringMatching(/^CA/) as string,
      Direction: 'outbound-dial',
      CallbackSource: 'call-progress-events',
      CallDuration: expect.stringMatching(/^\d+$/) as string,
      Timestamp: expect.stringMatching(/\+0000$/) as string,
    });
    // The same parameters as every other callback, and no more than those of an end beside them.
    const usual = [...Object.keys(before?.params ?? {}), 'CallDuration', 'EndReason'];
    expect(Object.keys(params).toSorted()).toEqual(usual.toSorted());
  }
  await using store = openStore(path.join(data.path, 'parley.sqlite'));
  expect(store.calls.unfinished()).toEqual([]);
  expect(legs.map((sid) => store.calls.find(ACCOUNT.sid, sid))).toMatchObject([
    { status: 'completed', endReason: 'gateway-restart' },
    { status: 'failed', endReason: 'gateway-restart', durationSeconds: 0 },
  ]);
  const { calls } = store.calls.list({ accountSid: ACCOUNT.sid, offset: 0, limit: 10 });
  expect(
    calls
      .filter(({ parentSid }) => parentSid === null)
      .map(({ status }) => status)
      .toSorted(),
  ).toEqual(['completed', 'failed']);
});

it('[WH31] [WH32] [WH37] killed in the middle of a burst of callbacks: none is lost, none out of order', async () => {
  using data = folder();
  await using application = await Application.start();
  application.on('/voice', `<Dial><Client ${EVENTS}>jenny</Client></Dial><Hangup/>`);
  // Until the crash the application takes a callback only now and then.
  let isSlow = true;
  let told = 0;
  application.on('/events', () => {
    told += 1;
    return isSlow && told % 3 !== 0 ? { raw: () => undefined } : { status: 204 };
  });
  {
    await using gateway = await DoomedGateway.start(data.path, application);
    const [alice, jenny] = [await phoneAt(gateway, 'alice'), await phoneAt(gateway, 'jenny')];
    jenny.device.on('incoming', (call) => void call.accept().then(() => call.disconnect()));
    for (let count = 1; count <= 12; count += 1) {
      const call = await alice.device.connect({ to: 'jenny' });
      await call.ended;
    }
    await gateway.kill();
    await Promise.all([alice.device.destroy(), jenny.device.destroy()]);
  }
  isSlow = false;
  await using again = await DoomedGateway.start(data.path, application);
  await become(
    () => events(application.callbacks).length === 48,
    () => `48 events from ${again.url}; there were ${events(application.callbacks).length}`,
    WITHIN_MS,
  );
  const streams = Map.groupBy(events(application.callbacks), ({ params }) => params['CallSid']);
  expect(streams.size).toBe(12);
  for (const asked of streams.values()) {
    expect(story(asked, 'jenny')).toEqual([
      '0 initiated initiated',
      '1 ringing ringing',
      '2 answered in-progress',
      '3 completed completed',
    ]);
  }
});
