import { Webhook } from 'standardwebhooks';
import twilio from 'twilio';
import { afterEach, expect, it, vi } from 'vitest';
import { createAddressGuard } from '../src/out/address-guard.ts';
import { backOffMs } from '../src/out/back-off.ts';
import { openCallbackOutbox, type CallbackEvent, type OutboxOptions } from '../src/out/callback-outbox.ts';
import { CircuitBreaker } from '../src/out/circuit-breaker.ts';
import type { DeliveryClock } from '../src/out/delivery-clock.ts';
import { WebhookClient, type WebhookRequest, type WebhookResult } from '../src/out/webhook-client.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { account, nth, startApplication, webhookSecret } from './out-application.ts';

/** A clock that is turned by hand. */
class HandClock implements DeliveryClock {
  #nowMs = 1_000_000;
  #tasks: { atMs: number; task: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#tasks.filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((other) => other !== next);
      this.#nowMs = next.atMs;
      next.task();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets the turn commit, and what hangs on it run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Answer = number | 'never' | Promise<number>;

/** An outbox whose server is a function of the request. */
function openOutbox(
  answer: (request: WebhookRequest) => Answer = () => 200,
  options: Partial<OutboxOptions> & { store?: Store } = {},
) {
  const store = options.store ?? openStore(':memory:');
  const clock = new HandClock();
  const sent: { url: string; sequence: number; key: string; stream: string; facts: string }[] = [];
  const send = async (request: WebhookRequest): Promise<WebhookResult> => {
    const get = (name: string) => request.params.find(([key]) => key === name)?.[1] ?? '';
    sent.push({
      url: request.url,
      sequence: Number(get('SequenceNumber')),
      key: request.idempotencyKey,
      stream: get('CallSid'),
      facts: JSON.stringify([request.method, request.params]),
    });
    const answered = answer(request);
    const status =
      answered === 'never'
        ? await new Promise<number>((resolve) => request.signal?.addEventListener('abort', () => resolve(0)))
        : await answered;
    const url = request.url;
    if (status >= 200 && status < 300) {
      return {
        ok: true,
        answer: { status, headers: [], contentType: undefined, body: Buffer.alloc(0), url },
      };
    }
    if (status === 0) return { ok: false, fault: { code: 11205, message: 'no answer', url } };
    return { ok: false, fault: { code: 11200, message: `status ${status}`, url, status } };
  };
  const outbox = openCallbackOutbox({
    store,
    client: { send },
    accountOf: () => account,
    clock,
    ...options,
    pace: { retry: { firstMs: 1000, longestMs: 3_600_000, random: () => 1 }, ...options.pace },
  });
  closing.push(async () => {
    await outbox.close();
    await store.close();
  });
  return { outbox, store, clock, sent };
}

function event(stream: string, sequence: number, url = 'https://app.example.com/status'): CallbackEvent {
  return {
    accountSid: account.sid,
    stream,
    sequence,
    url,
    method: 'POST',
    params: [
      ['CallSid', stream],
      ['SequenceNumber', String(sequence)],
    ],
  };
}

it('[WH30] nothing is sent before the turn that wrote it is committed', async () => {
  const { outbox, store, sent } = openOutbox();
  outbox.enqueue(event('CA1', 0));
  await Promise.resolve();
  expect(sent).toHaveLength(0);
  await store.committed();
  await settle();
  expect(sent).toHaveLength(1);
  expect(outbox.counts).toMatchObject({ pending: 0, delivered: 1 });
});

it('[WH30] an event of a turn that was lost is not sent, and counted', async () => {
  const store = openStore(':memory:');
  const turn = Object.assign(Object.create(store.turn), {
    settled: (_: () => void, onLost: () => void) => onLost(),
  });
  const { outbox, sent } = openOutbox(() => 200, { store: { ...store, turn } });
  outbox.enqueue(event('CA1', 0));
  await settle();
  expect(sent).toHaveLength(0);
  expect(outbox.counts).toMatchObject({ lost: 1, pending: 0 });
});

it('[WH30] a store that fails does not fail the call', async () => {
  const onStoreFailure = vi.fn<(error: unknown) => void>();
  const { outbox, store } = openOutbox(() => 200, { onStoreFailure });
  await store.close();
  expect(() => outbox.enqueue(event('CA1', 0))).not.toThrow();
  expect(onStoreFailure).toHaveBeenCalledOnce();
  expect(outbox.counts.lost).toBe(1);
});

const leg = {
  accountSid: account.sid,
  from: 'client:alice',
  to: 'client:jenny',
  direction: 'inbound',
  status: 'ringing',
  createdAtMs: 0,
} as const;

it('[WH31] an event of a stream and number exists once', async () => {
  const { outbox, sent } = openOutbox();
  outbox.enqueue(event('CA1', 0));
  outbox.enqueue({ ...event('CA1', 0), url: 'https://other.example.com/' });
  await settle();
  outbox.enqueue(event('CA1', 0));
  await settle();
  expect(sent.map(({ url }) => url)).toEqual(['https://app.example.com/status']);
});

it('[WH32] the events of a leg arrive in order, one after the other, also when one has to wait', async () => {
  let failures = 3;
  const { outbox, clock, sent } = openOutbox(({ params }) => {
    const isFirst = params.some(([name, value]) => name === 'SequenceNumber' && value === '1');
    return isFirst && failures-- > 0 ? 500 : 200;
  });
  for (const sequence of [0, 1, 2, 3]) outbox.enqueue(event('CA1', sequence));
  await settle();
  expect(sent.map(({ sequence }) => sequence)).toEqual([0, 1]);
  await clock.advance(60_000);
  expect(sent.map(({ sequence }) => sequence)).toEqual([0, 1, 1, 1, 1, 2, 3]);
});

it('[WH32] an event that comes while another of its leg is out waits for it', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const { outbox, sent } = openOutbox(({ params }) => (params[1]?.[1] === '0' ? promise : 200));
  outbox.enqueue(event('CA1', 0));
  await settle();
  outbox.enqueue(event('CA1', 1));
  await settle();
  expect(sent).toHaveLength(1);
  resolve(200);
  await settle();
  expect(sent.map(({ sequence }) => sequence)).toEqual([0, 1]);
});

it('[WH33] what was not taken goes again with the same facts and the same key', async () => {
  const answers = [500, 404, 0, 302, 200];
  const { outbox, clock, sent } = openOutbox(() => answers.shift() ?? 200);
  outbox.enqueue(event('CA1', 0));
  await settle();
  await clock.advance(3_600_000);
  expect(sent).toHaveLength(5);
  expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
  expect(new Set(sent.map(({ facts }) => facts)).size).toBe(1);
  expect(outbox.counts).toMatchObject({ pending: 0, delivered: 1, failedAttempts: 4 });
});

it('[WH34] waits double up to an hour, and half of each is left to chance', () => {
  const backOff = { firstMs: 1000, longestMs: 3_600_000 };
  expect([1, 2, 3, 20].map((failures) => backOffMs(failures, { ...backOff, random: () => 1 }))).toEqual([
    1000, 2000, 4000, 3_600_000,
  ]);
  expect(backOffMs(3, { ...backOff, random: () => 0 })).toBe(2000);
});

it('[WH34] Retry-After is obeyed', async () => {
  const times: number[] = [];
  const clock = new HandClock();
  const store = openStore(':memory:');
  const outbox = openCallbackOutbox({
    store,
    clock,
    accountOf: () => account,
    client: {
      send: async ({ url }) => {
        times.push(clock.nowMs());
        if (times.length > 1) {
          return {
            ok: true,
            answer: { status: 200, headers: [], contentType: undefined, body: Buffer.alloc(0), url },
          };
        }
        const fault = {
          code: 11200,
          message: '',
          url,
          status: 429,
          headers: [['retry-after', '90']] as const,
        };
        return { ok: false, fault };
      },
    },
  });
  outbox.enqueue(event('CA1', 0));
  await settle();
  await clock.advance(200_000);
  expect(nth(times, 1) - nth(times)).toBe(90_000);
  await outbox.close();
  await store.close();
});

it('[WH35] a dead server delays nobody else', async () => {
  const { outbox, sent } = openOutbox(({ url }) => (url.includes('dead') ? 'never' : 200));
  for (let call = 0; call < 500; call++)
    outbox.enqueue(event(`CAdead${call}`, 0, 'https://dead.example.com/'));
  await settle();
  expect(outbox.counts.inFlight).toBe(8);
  for (let call = 0; call < 100; call++) outbox.enqueue(event(`CAgood${call}`, 0));
  await vi.waitFor(() => expect(sent.filter(({ url }) => !url.includes('dead'))).toHaveLength(100));
  expect(sent.filter(({ url }) => url.includes('dead'))).toHaveLength(8);
});

it('[WH35] a server that fails is left alone after five failures, then asked by one', async () => {
  let isUp = false;
  const { outbox, clock, sent } = openOutbox(() => (isUp ? 200 : 0), {
    pace: { breaker: { firstMs: 5000, longestMs: 60_000, random: () => 1 } },
  });
  for (let call = 0; call < 100; call++) outbox.enqueue(event(`CA${call}`, 0));
  await settle();
  const before = sent.length;
  // Those that were out when it opened could not be called back.
  expect(before).toBeLessThanOrEqual(5 + 8);
  expect(outbox.counts.openBreakers).toBe(1);
  await clock.advance(4999);
  expect(sent).toHaveLength(before);
  await clock.advance(1);
  expect(sent).toHaveLength(before + 1);
  isUp = true;
  await clock.advance(20_000);
  expect(outbox.counts).toMatchObject({ pending: 0, openBreakers: 0, delivered: 100 });
});

it('[WH35] a server that says no is alive, and keeps its breaker closed', async () => {
  const { outbox, sent } = openOutbox(() => 404);
  for (let call = 0; call < 50; call++) outbox.enqueue(event(`CA${call}`, 0));
  await settle();
  await settle();
  expect(sent.length).toBe(50);
  expect(outbox.counts.openBreakers).toBe(0);
});

it('[WH35] a breaker that was probed in vain opens for longer', () => {
  const backOff = { firstMs: 1000, longestMs: 3000, random: () => 1 };
  const breaker = new CircuitBreaker({ failuresMax: 2, backOff });
  breaker.failed(0);
  expect(breaker.waitMs(0)).toBe(0);
  breaker.failed(0);
  expect(breaker.waitMs(0)).toBe(1000);
  for (const [nowMs, waitMs] of [
    [1000, 2000],
    [3000, 3000],
    [6000, 3000],
  ] as const) {
    expect(breaker.waitMs(nowMs)).toBe(0);
    breaker.began();
    expect(breaker.waitMs(nowMs)).toBe(Infinity);
    breaker.failed(nowMs);
    expect(breaker.waitMs(nowMs)).toBe(waitMs);
  }
  breaker.began();
  breaker.abandoned(9000);
  expect(breaker.waitMs(9000)).toBe(0);
  breaker.began();
  breaker.succeeded();
  expect(breaker.isOpen).toBe(false);
});

it('[WH35] attempts to all servers together have a ceiling, and every server gets its turn', async () => {
  let out = 0;
  let most = 0;
  const { outbox } = openOutbox(
    async () => {
      out += 1;
      most = Math.max(most, out);
      await new Promise((resolve) => setTimeout(resolve, 1));
      out -= 1;
      return 200;
    },
    { pace: { inFlightMax: 10 } },
  );
  for (let call = 0; call < 300; call++) {
    outbox.enqueue(event(`CA${call}`, 0, `https://app${call % 30}.example.com/`));
  }
  await vi.waitFor(() => expect(outbox.counts.delivered).toBe(300));
  expect(most).toBeLessThanOrEqual(10);
});

it('[WH36] after its last attempt an event is given up, told, and the leg goes on', async () => {
  const onTrouble = vi.fn<NonNullable<OutboxOptions['onTrouble']>>();
  const { outbox, clock, sent } = openOutbox(({ params }) => (params[1]?.[1] === '0' ? 400 : 200), {
    pace: { attemptsMax: 3 },
    onTrouble,
  });
  outbox.enqueue(event('CA1', 0));
  outbox.enqueue(event('CA1', 1));
  await settle();
  await clock.advance(60_000);
  expect(sent.map(({ sequence }) => sequence)).toEqual([0, 0, 0, 1]);
  expect(onTrouble.mock.calls.map(([{ sequence }, { status }, fate]) => [sequence, status, fate])).toEqual([
    [0, 400, 'retrying'],
    [0, 400, 'dead'],
  ]);
  expect(outbox.counts).toMatchObject({ dead: 1, delivered: 1, pending: 0 });
});

it('[WH36] an event is given up when it is a day old', async () => {
  const { outbox, clock, sent } = openOutbox(() => 500, { pace: { attemptsMax: 1000 } });
  outbox.enqueue(event('CA1', 0));
  await settle();
  await clock.advance(26 * 3_600_000);
  expect(outbox.counts).toMatchObject({ dead: 1, pending: 0 });
  const attempts = sent.length;
  await clock.advance(26 * 3_600_000);
  expect(sent).toHaveLength(attempts);
});

it('[WH36] what no time can mend is given up at once', async () => {
  const store = openStore(':memory:');
  const client = new WebhookClient({ guard: createAddressGuard() });
  const outbox = openCallbackOutbox({ store, client, accountOf: () => account });
  outbox.enqueue(event('CA1', 0, 'http://127.0.0.1/'));
  outbox.enqueue(event('CA2', 0, 'nonsense'));
  await vi.waitFor(() => expect(outbox.counts).toMatchObject({ dead: 2, pending: 0 }));
  await outbox.close();
  await store.close();
});

it('[WH36] what was given up can be replayed, all of it or one leg, with the same key', async () => {
  let isUp = false;
  const { outbox, clock, sent } = openOutbox(() => (isUp ? 200 : 400), { pace: { attemptsMax: 1 } });
  for (const stream of ['CA1', 'CA2', 'CA3']) outbox.enqueue(event(stream, 0));
  await settle();
  expect(outbox.counts.dead).toBe(3);
  isUp = true;
  expect(outbox.replay({ stream: 'CA2' })).toBe(1);
  await settle();
  expect(outbox.replay()).toBe(2);
  await settle();
  await clock.advance(1);
  expect(outbox.counts).toMatchObject({ dead: 0, pending: 0, delivered: 3 });
  const keysOf = (stream: string) => sent.filter((one) => one.stream === stream).map(({ key }) => key);
  expect(sent.slice(3).map(({ stream }) => stream)).toEqual(['CA2', 'CA1', 'CA3']);
  for (const stream of ['CA1', 'CA2', 'CA3']) expect(new Set(keysOf(stream)).size).toBe(1);
});

it('[WH37] what an earlier process left behind is sent, in order', async () => {
  const store = openStore(':memory:');
  const first = openCallbackOutbox({
    store,
    accountOf: () => account,
    client: { send: () => new Promise<never>(() => {}) },
  });
  for (const sequence of [0, 1, 2]) {
    for (const stream of ['CA1', 'CA2']) first.enqueue(event(stream, sequence));
  }
  await store.committed();
  const { outbox, sent } = openOutbox(() => 200, { store });
  await settle();
  await settle();
  expect(outbox.counts).toMatchObject({ pending: 0, delivered: 6 });
  for (const stream of ['CA1', 'CA2']) {
    expect(sent.filter((one) => one.stream === stream).map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
  }
});

it('[WH37] closing ends attempts without counting them as failed; the events stay', async () => {
  const store = openStore(':memory:');
  const { outbox } = openOutbox(() => 'never', { store });
  outbox.enqueue(event('CA1', 0));
  await settle();
  await outbox.close();
  expect(store.outbox.head('CA1')).toMatchObject({ attempts: 0, state: 'pending' });
  outbox.enqueue(event('CA1', 1));
  await settle();
  expect(store.outbox.counts().pending).toBe(2);
});

it.each(['POST', 'GET'] as const)('[WH38] a callback goes out as a signed %s', async (method) => {
  await using application = await startApplication((_, response) => response.writeHead(204).end());
  const store = openStore(':memory:');
  const client = new WebhookClient({ guard: createAddressGuard({ allow: ['127.0.0.1'] }) });
  const outbox = openCallbackOutbox({ store, client, accountOf: () => account });
  outbox.enqueue({ ...event('CA1', 0, `${application.origin}/status?tenant=1`), method });
  await vi.waitFor(() => expect(outbox.counts.delivered).toBe(1));
  const request = nth(application.seen);
  expect(request).toMatchObject({ method });
  expect(request.form.get('CallSid')).toBe('CA1');
  const form = method === 'POST' ? Object.fromEntries(request.form) : {};
  const signature = String(request.headers['x-twilio-signature']);
  expect(twilio.validateRequest(account.authToken, signature, request.url, form)).toBe(true);
  const headers = request.headers as Record<string, string>;
  expect(() => new Webhook(webhookSecret).verify(request.body, headers, { jsonParse: false })).not.toThrow();
  await outbox.close();
  await client.close();
  await store.close();
});

it('[WH39] more legs than are remembered wait in the table, and none is forgotten', async () => {
  let isUp = false;
  const { outbox, clock, sent } = openOutbox(() => (isUp ? 200 : 404), {
    pace: { streamsPerOriginMax: 10 },
  });
  for (let call = 0; call < 200; call++) {
    outbox.enqueue(event(`CA${call}`, 0));
    outbox.enqueue(event(`CA${call}`, 1));
    if (call % 50 === 0) await settle();
  }
  await settle();
  expect(new Set(sent.map(({ stream }) => stream)).size).toBeLessThanOrEqual(10);
  isUp = true;
  await clock.advance(60_000);
  await vi.waitFor(() => expect(outbox.counts).toMatchObject({ pending: 0, delivered: 400 }));
});

it('[WH40] finished events are forgotten after a while, but not those of a leg that lives', async () => {
  const { outbox, store, clock } = openOutbox();
  store.calls.open({ ...leg, sid: 'CA1' });
  outbox.enqueue(event('CA1', 0));
  outbox.enqueue(event('CA2', 0));
  await settle();
  await clock.advance(12 * 60_000);
  expect(store.outbox.ofStream('CA1')).toHaveLength(1);
  expect(store.outbox.ofStream('CA2')).toHaveLength(0);
  store.calls.end('CA1', { status: 'completed', endedAtMs: 1, durationSeconds: 1, endReason: 'hangup' });
  await clock.advance(60_000);
  expect(store.outbox.ofStream('CA1')).toHaveLength(0);
});
