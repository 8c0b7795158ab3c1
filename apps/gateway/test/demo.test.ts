import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseRcml } from '@parley/rcml';
import twilio from 'twilio';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { DEMO_SIDS, seedDemo } from '../src/demo/demo-setup.ts';
import { startDemoApplication, type DemoApplication } from '../src/demo/demo-application.ts';
import { createAddressGuard } from '../src/out/address-guard.ts';
import { CookieJar } from '../src/out/cookie-jar.ts';
import { createDocumentFetcher, type FetchedDocument } from '../src/out/document-fetcher.ts';
import { resolveUrl } from '../src/out/resolve-url.ts';
import { WebhookClient } from '../src/out/webhook-client.ts';
import { openStore } from '../src/store/store.ts';
import { account } from './out-application.ts';

let application: DemoApplication;
let client: WebhookClient;
let voiceUrl: string;
const printed: string[] = [];
beforeAll(async () => {
  application = await startDemoApplication({
    authToken: account.authToken,
    print: (line) => printed.push(line),
  });
  voiceUrl = `${application.url}/voice`;
  client = new WebhookClient({ guard: createAddressGuard({ allow: [application.host] }) });
});
afterAll(async () => {
  await client.close();
  await application[Symbol.asyncDispose]();
});

/** Asks as the gateway does. */
async function ask(path: string, params: Readonly<Record<string, string>>): Promise<FetchedDocument> {
  const url = resolveUrl(application.url, path) ?? '';
  return createDocumentFetcher({ client }).fetchDocument({
    url,
    method: 'POST',
    params: Object.entries({ From: 'client:alice', CallSid: 'CA1', ...params }),
    account,
    cookies: new CookieJar(),
  });
}

async function verbsOf(path: string, params: Readonly<Record<string, string>>) {
  const fetched = await ask(path, params);
  if (!fetched.ok) throw new Error(fetched.failure.message);
  expect(fetched.complaints).toEqual([]);
  return fetched.document.verbs;
}

it.each(['jenny', 'client:jenny', ' jenny '])('[WH60] a call to %s rings that client', async (to) => {
  expect(await verbsOf('/voice', { To: to })).toMatchObject([
    { verb: 'Dial', action: '/after-dial', nouns: [{ noun: 'Client', target: 'jenny', video: false }] },
  ]);
});

it('[WH60] a caller who asks for video gets a video call', async () => {
  expect(await verbsOf('/voice', { To: 'client:jenny', Video: 'true' })).toMatchObject([
    { verb: 'Dial', nouns: [{ noun: 'Client', target: 'jenny', video: true }] },
  ]);
});

it.each(['Zoë', '李雷', "o'neill", 'jenny@example.com', 'Smith & Sons'.replace('&', '-')])(
  '[WH60] %s is a name like any other',
  async (to) => {
    expect(await verbsOf('/voice', { To: to })).toMatchObject([{ verb: 'Dial', nouns: [{ target: to }] }]);
  },
);

it('[WH61] group rings three', async () => {
  const [dial] = await verbsOf('/voice', { To: 'client:group' });
  expect(dial).toMatchObject({ nouns: [{ target: 'jenny' }, { target: 'bob' }, { target: 'carol' }] });
});

it('[WH67] conference puts the caller into a conference, room-blue into one of that name, with video where she has it', async () => {
  expect(await verbsOf('/voice', { To: 'conference' })).toMatchObject([
    { verb: 'Dial', nouns: [{ noun: 'Conference', target: 'everybody', video: false }] },
  ]);
  expect(await verbsOf('/voice', { To: 'client:room-blue', Video: 'true' })).toMatchObject([
    { verb: 'Dial', nouns: [{ noun: 'Conference', target: 'blue', video: true }] },
  ]);
});

it('[WH62] a screened call says who calls, and is accepted with 1', async () => {
  expect(await verbsOf('/voice', { To: 'client:screen-bob', Video: 'true' })).toMatchObject([
    { verb: 'Dial', nouns: [{ target: 'bob', url: '/whisper', video: true }] },
  ]);
  expect(await verbsOf('/voice', { To: 'screen' })).toMatchObject([
    { nouns: [{ target: 'jenny', url: '/whisper' }] },
  ]);
  expect(await verbsOf('/whisper', {})).toMatchObject([
    {
      verb: 'Gather',
      numDigits: 1,
      action: '/whisper-choice',
      prompts: [{ verb: 'Say', text: 'Call from alice. Press 1 to accept.' }],
    },
    { verb: 'Hangup' },
  ]);
  expect(await verbsOf('/whisper-choice', { Digits: '1' })).toEqual([]);
  expect(await verbsOf('/whisper-choice', { Digits: '2' })).toMatchObject([{ verb: 'Hangup' }]);
});

it('[RV33] echo records what she says, plays it, takes it away, and asks again', async () => {
  expect(await verbsOf('/voice', { To: 'echo' })).toMatchObject([
    { verb: 'Say' },
    { verb: 'Record', action: '/echo-heard', timeoutSeconds: 2, maxLengthSeconds: 15 },
    { verb: 'Redirect', url: '/nothing-said' },
  ]);
  const deleted: { readonly url: string; readonly authorization: string }[] = [];
  const gateway = createServer((request, answer) => {
    deleted.push({
      url: `${request.method} ${request.url}`,
      authorization: request.headers.authorization ?? '',
    });
    answer.writeHead(204).end();
  });
  await new Promise<void>((resolve) => void gateway.listen(0, '127.0.0.1', resolve));
  const { port } = gateway.address() as AddressInfo;
  const path = `/2012-04-24/Accounts/AC${'0'.repeat(32)}/Recordings/RE1`;
  const said = `http://127.0.0.1:${port}${path}?Expires=1&Signature=x`;
  const [first, second] = await verbsOf('/echo-heard', { RecordingUrl: said, Digits: '' });
  expect([first, second]).toMatchObject([{ verb: 'Play', url: said }, { verb: 'Redirect' }]);
  expect(deleted).toEqual([]);
  const again = second?.verb === 'Redirect' ? second.url : '';
  expect(await verbsOf(again, {})).toMatchObject([{ verb: 'Say' }, { verb: 'Record' }, {}]);
  await vi.waitFor(() => expect(deleted).toHaveLength(1));
  expect(deleted[0]?.url).toBe(`DELETE ${path}`);
  expect(deleted[0]?.authorization).toMatch(/^Basic /);
  await verbsOf('/echo-heard', { RecordingUrl: said, Digits: 'hangup' });
  await vi.waitFor(() => expect(deleted).toHaveLength(2));
  gateway.close();
});

it('[RV33] voicemail takes a message, plays it, keeps it, and prints where it is', async () => {
  expect(await verbsOf('/voice', { To: 'client:voicemail' })).toMatchObject([
    { verb: 'Say' },
    { verb: 'Record', action: '/message-left', finishOnKey: '#' },
    { verb: 'Redirect' },
  ]);
  const url = 'http://127.0.0.1:1/RE1?Expires=1&Signature=x';
  expect(await verbsOf('/message-left', { RecordingUrl: url, Digits: '#' })).toMatchObject([
    { verb: 'Say' },
    { verb: 'Play', url },
    { verb: 'Say' },
    { verb: 'Hangup' },
  ]);
  expect(printed).toContain(`A message of alice: ${url}`);
  expect(await verbsOf('/nothing-said', {})).toMatchObject([{ verb: 'Say' }, { verb: 'Hangup' }]);
});

it('[RV33] record-bob records both, plays it back where it has no picture, and prints where it is', async () => {
  expect(await verbsOf('/voice', { To: 'record' })).toMatchObject([
    { verb: 'Dial', record: 'record-from-answer-dual', nouns: [{ target: 'jenny' }] },
  ]);
  const [dial] = await verbsOf('/voice', { To: 'record-bob', Video: 'true' });
  expect(dial).toMatchObject({ nouns: [{ target: 'bob', video: true }] });
  const url = 'http://127.0.0.1:1/RE2?Expires=1&Signature=x';
  expect(await verbsOf('/after-recorded', { RecordingUrl: url })).toMatchObject([
    { verb: 'Say' },
    { verb: 'Play', url },
    { verb: 'Hangup' },
  ]);
  const after = dial?.verb === 'Dial' ? (dial.action ?? '') : '';
  expect(await verbsOf(after, { RecordingUrl: url })).toMatchObject([{ verb: 'Say' }, { verb: 'Hangup' }]);
  expect(printed).toContain(`A recorded call: ${url}`);
  expect(application.recordingOf('CA1')).toBe(url);
  expect(application.recordingOf('CA2')).toBeUndefined();
  expect(await verbsOf('/after-recorded', {})).toMatchObject([{ verb: 'Hangup' }]);
});

it('[RV33] menu leads by keys', async () => {
  expect(await verbsOf('/voice', { To: 'menu' })).toMatchObject([
    { verb: 'Gather', numDigits: 1, action: '/menu-choice' },
    { verb: 'Say' },
    { verb: 'Hangup' },
  ]);
  const leads = async (Digits: string) => (await verbsOf('/menu-choice', { Digits })).map(({ verb }) => verb);
  expect(await leads('1')).toEqual(['Say', 'Record', 'Redirect']);
  expect(await leads('2')).toEqual(['Say', 'Record', 'Redirect']);
  expect(await leads('3')).toEqual(['Dial']);
  expect(await leads('9')).toEqual(['Say', 'Redirect']);
  expect(await verbsOf('/menu', {})).toMatchObject([{ verb: 'Gather' }, {}, {}]);
});

it.each([
  '',
  'client:',
  '   ',
  '+49 30 1234',
  '<script>',
  'a'.repeat(100),
  'alice?x=1',
  'screen-?',
  'screen-',
])('[WH63] a call to "%s" is told what is wrong, and ends', async (to) => {
  expect(await verbsOf('/voice', { To: to })).toMatchObject([{ verb: 'Say' }, { verb: 'Hangup' }]);
});

it('[WH64] after the dial the call ends, and her device is told how the dial did', async () => {
  for (const status of ['failed', 'busy', 'no-answer', 'completed', 'canceled']) {
    expect(await verbsOf('/after-dial', { To: 'jenny', DialCallStatus: status })).toMatchObject([
      { verb: 'Hangup' },
    ]);
  }
});

it('[WH65] only the gateway gets documents', async () => {
  const form = { From: 'client:mallory', To: 'client:jenny' };
  const post = (headers: Record<string, string>) =>
    fetch(voiceUrl, { method: 'POST', headers, body: new URLSearchParams(form) });
  expect((await post({})).status).toBe(401);
  expect((await post({ 'x-twilio-signature': 'nonsense' })).status).toBe(401);
  const wrong = twilio.getExpectedTwilioSignature('another token', voiceUrl, form);
  expect((await post({ 'x-twilio-signature': wrong })).status).toBe(401);
  const right = twilio.getExpectedTwilioSignature(account.authToken, voiceUrl, form);
  const answer = await post({ 'x-twilio-signature': right });
  expect(answer.status).toBe(200);
  expect(parseRcml(await answer.text()).ok).toBe(true);
});

it('[WH65] other paths, methods and sizes are refused', async () => {
  expect((await fetch(resolveUrl(application.url, '/other') ?? '')).status).toBe(404);
  expect((await fetch(voiceUrl)).status).toBe(405);
  expect((await fetch(voiceUrl, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(413);
});

it('[ST20] the demo is put into the store once: sids are fixed, secrets are made and kept, the address may change', () => {
  const store = openStore(':memory:');
  const first = seedDemo(store, { voiceUrl: 'http://127.0.0.1:1/voice' });
  const second = seedDemo(store, { voiceUrl: 'http://127.0.0.1:2/voice' });
  expect(second.account).toEqual(first.account);
  expect(second.apiKey).toEqual(first.apiKey);
  expect(second.application).toMatchObject({
    sid: DEMO_SIDS.application,
    voiceUrl: 'http://127.0.0.1:2/voice',
  });
  const other = seedDemo(openStore(':memory:'), { voiceUrl: '' });
  expect(other.account.authToken).not.toBe(first.account.authToken);
  expect(other.apiKey.secret).not.toBe(first.apiKey.secret);
});
