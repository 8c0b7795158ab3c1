import type { LookupAddress } from 'node:dns';
import { expect, it } from 'vitest';
import { createAddressGuard, isPublicAddress } from '../src/out/address-guard.ts';
import { createHostLookup, type Lookup } from '../src/out/host-lookup.ts';
import { WebhookClient } from '../src/out/webhook-client.ts';
import { account, answerXml, startApplication } from './out-application.ts';

const request = { method: 'POST', params: [], account, idempotencyKey: 'key' } as const;

/** A name server that gives another answer to every question. */
function lookupThatSays(...answers: readonly string[][]): Lookup {
  let asked = 0;
  return (_hostname, callback) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
    const found: LookupAddress[] = addresses.map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    setImmediate(callback, null, found);
  };
}

it.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '192.0.0.8',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'nonsense',
  '',
])('[WH20] %s is not an address that everybody can reach', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

it.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
  '[WH20] %s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

it.each([
  'http://127.0.0.1/',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f.0.0.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://169.254.169.254/latest/meta-data',
])('[WH20] %s is refused however its address is spelled', async (url) => {
  expect(createAddressGuard().check(new URL(url))?.message).toMatch(/not public/);
  const client = new WebhookClient({ guard: createAddressGuard() });
  expect(await client.send({ ...request, url })).toMatchObject({ ok: false, fault: { code: 11001 } });
});

it('[WH20] a name that leads to loopback is refused', async () => {
  await using application = await startApplication((_, response) => answerXml(response, '<Response/>'));
  const client = new WebhookClient({ guard: createAddressGuard() });
  const result = await client.send({ ...request, url: `http://localhost:${application.port}/` });
  expect(result).toMatchObject({ ok: false, fault: { code: 11001 } });
  expect(application.seen).toHaveLength(0);
});

it('[WH21] the address that is judged is the one that is dialled: a name that changes its mind reaches nobody', async () => {
  await using application = await startApplication((_, response) => answerXml(response, '<Response/>'));
  // A checker that asks by itself would see the first answer and let the second be dialled.
  const lookup = lookupThatSays(['127.0.0.1'], ['127.0.0.1']);
  const client = new WebhookClient({ guard: createAddressGuard({ lookup }) });
  const url = `http://rebinding.example.com:${application.port}/`;
  expect(await client.send({ ...request, url })).toMatchObject({ ok: false, fault: { code: 11001 } });
  expect(application.seen).toHaveLength(0);
});

it('[WH21] of several addresses only those that are allowed are dialled', async () => {
  const guard = createAddressGuard({ lookup: lookupThatSays(['10.0.0.1', '1.1.1.1', '::1']) });
  const all = await new Promise((resolve) => {
    guard.lookupFor(80)('mixed.example.com', { all: true }, (_error, addresses) => resolve(addresses));
  });
  expect(all).toEqual([{ address: '1.1.1.1', family: 4 }]);
  const one = await new Promise((resolve) => {
    guard.lookupFor(80)('mixed.example.com', {}, (_error, address) => resolve(address));
  });
  expect(one).toBe('1.1.1.1');
});

it('[WH24] a name is looked up once at a time, and its answer holds for a moment', () => {
  let nowMs = 0;
  const asked: string[] = [];
  const answers: ((error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void)[] = [];
  const lookup = createHostLookup({
    nowMs: () => nowMs,
    system: (hostname, _options, callback) => {
      asked.push(hostname);
      answers.push(callback);
    },
  });
  const heard: unknown[] = [];
  const hear = (error: unknown, addresses: unknown): void => void heard.push(error ?? addresses);
  for (let times = 0; times < 100; times++) lookup('slow.example.com', hear);
  lookup('other.example.com', hear);
  expect(asked).toEqual(['slow.example.com', 'other.example.com']);
  const found = [{ address: '1.1.1.1', family: 4 }];
  answers[0]?.(null, found);
  expect(heard).toEqual(Array.from({ length: 100 }, () => found));
  const unknown = new Error('ENOTFOUND');
  answers[1]?.(unknown, []);
  expect(heard.at(-1)).toBe(unknown);
  lookup('slow.example.com', hear);
  lookup('other.example.com', hear);
  expect(heard.slice(-2)).toEqual([found, unknown]);
  expect(asked).toHaveLength(2);
  nowMs = 5000;
  lookup('slow.example.com', hear);
  expect(asked).toHaveLength(3);
});

it('[WH22] the operator allows hosts, hosts with a port, addresses and networks', async () => {
  const guard = createAddressGuard({
    allow: [
      'hooks.internal',
      'other.internal:8080',
      '127.0.0.1:9000',
      '10.1.0.0/16',
      '::1',
      'fd00::/8',
      '[fe80::1]:80',
    ],
    lookup: lookupThatSays(['192.168.0.1']),
  });
  const check = (url: string) => guard.check(new URL(url)) === undefined;
  expect(check('http://127.0.0.1:9000/')).toBe(true);
  expect(check('http://127.0.0.1:9001/')).toBe(false);
  expect(check('http://10.1.200.3/')).toBe(true);
  expect(check('http://10.2.0.1/')).toBe(false);
  expect(check('http://[::1]:1234/')).toBe(true);
  expect(check('http://[fd00::5]/')).toBe(true);
  expect(check('http://[fe80::1]/')).toBe(true);
  expect(check('https://[fe80::1]/')).toBe(false);
  const dialled = (host: string, port: number) =>
    new Promise<boolean>((resolve) => guard.lookupFor(port)(host, {}, (error) => resolve(error === null)));
  expect(await dialled('hooks.internal', 1234)).toBe(true);
  expect(await dialled('other.internal', 8080)).toBe(true);
  expect(await dialled('other.internal', 8081)).toBe(false);
  expect(await dialled('third.internal', 8080)).toBe(false);
});

it.each(['10.0.0.0/33', '10.0.0/8', 'a b', 'http://x/', 'x/y', 'user@host', ''])(
  '[WH22] an entry that cannot be read (%s) is told at once',
  (entry) => {
    expect(() => createAddressGuard({ allow: [entry] })).toThrow(/list of allowed addresses/);
  },
);

it('[WH23] only http and https are asked, and never the gateway itself', async () => {
  const guard = createAddressGuard({ isOwnUrl: (url) => url.pathname.startsWith('/2012-04-24/') });
  expect(guard.check(new URL('ftp://example.com/'))?.message).toMatch(/neither http nor https/);
  expect(guard.check(new URL('file:///etc/passwd'))).toBeDefined();
  expect(guard.check(new URL('https://parley.example.com/2012-04-24/Accounts'))?.message).toMatch(
    /gateway itself/,
  );
  expect(guard.check(new URL('https://parley.example.com/voice'))).toBeUndefined();
});
