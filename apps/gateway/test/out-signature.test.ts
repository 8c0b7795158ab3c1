import { Webhook } from 'standardwebhooks';
import twilio from 'twilio';
import { expect, it } from 'vitest';
import { createAddressGuard } from '../src/out/address-guard.ts';
import type { FormParams } from '../src/out/form-params.ts';
import { signatureHeaders, twilioSignature } from '../src/out/request-signature.ts';
import { WebhookClient } from '../src/out/webhook-client.ts';
import {
  account,
  answerXml,
  nth,
  startApplication,
  webhookSecret,
  type SeenRequest,
} from './out-application.ts';

const params: FormParams = [
  ['CallSid', 'CA00000000000000000000000000000001'],
  ['From', 'client:alice'],
  ['To', 'client:jenny & co'],
  ['Note', 'grüße, 好 +49 (0)'],
  ['Empty', ''],
  ['a', 'lower sorts after Upper'],
];

function isValid(request: SeenRequest): boolean {
  const form = request.method === 'GET' ? {} : Object.fromEntries(request.form);
  return twilio.validateRequest(
    account.authToken,
    String(request.headers['x-twilio-signature']),
    request.url,
    form,
  );
}

async function ask(method: 'GET' | 'POST', path: string): Promise<SeenRequest> {
  await using application = await startApplication((_, response) => answerXml(response, '<Response/>'));
  const client = new WebhookClient({ guard: createAddressGuard({ allow: ['127.0.0.1'] }) });
  const result = await client.send({
    url: application.origin + path,
    method,
    params,
    account,
    idempotencyKey: 'key-1',
  });
  await client.close();
  expect(result.ok).toBe(true);
  return nth(application.seen);
}

it.each(['/voice', '/voice?a=1&b=%20x', "/it's/ünï?q=ö'#rc=0", '/?', '/voice?x=1#tt=3000'])(
  '[WH9] the signature of a POST to %s is the one that the twilio package expects',
  async (path) => {
    const request = await ask('POST', path);
    expect(request.form.get('Note')).toBe('grüße, 好 +49 (0)');
    expect(isValid(request)).toBe(true);
  },
);

it.each(['/voice', '/voice?a=1&b=%20x', '/voice?flag', '/voice?x=1#tt=3000'])(
  '[WH9] the signature of a GET of %s covers the URL with everything in it',
  async (path) => {
    const request = await ask('GET', path);
    expect(request.form.get('To')).toBe('client:jenny & co');
    expect(isValid(request)).toBe(true);
  },
);

it('[WH9] a repeated parameter is signed with each of its values once, in order', () => {
  const url = 'https://app.example.com/voice';
  const signature = twilioSignature(account.authToken, url, [
    ['Event', 'b'],
    ['Event', 'a'],
    ['Event', 'b'],
  ]);
  expect(twilio.validateRequest(account.authToken, signature, url, { Event: ['b', 'a', 'b'] })).toBe(true);
});

it('[WH9] a changed parameter is noticed', async () => {
  const request = await ask('POST', '/voice');
  request.form.set('From', 'client:mallory');
  expect(isValid(request)).toBe(false);
});

it('[WH10] the signature of Standard Webhooks is the one that its package expects', async () => {
  for (const method of ['GET', 'POST'] as const) {
    const request = await ask(method, '/voice');
    const headers = request.headers as Record<string, string>;
    expect(() =>
      new Webhook(webhookSecret).verify(request.body, headers, { jsonParse: false }),
    ).not.toThrow();
    expect(() =>
      new Webhook(webhookSecret).verify(`${request.body}&x=1`, headers, { jsonParse: false }),
    ).toThrow();
  }
});

it('[WH10] while a secret is being replaced, both the old and the new one verify', () => {
  const secrets = ['whsec_bmV3IHNlY3JldCBvZiBvdXJz', 'whsec_b2xkIHNlY3JldCBvZiBvdXJz'];
  const headers = signatureHeaders(
    { ...account, webhookSecrets: secrets },
    { url: 'https://app.example.com/', form: [], body: 'a=1', idempotencyKey: 'key-1', atMs: Date.now() },
  );
  for (const secret of secrets) {
    expect(() => new Webhook(secret).verify('a=1', headers, { jsonParse: false })).not.toThrow();
  }
  expect(() =>
    new Webhook('whsec_c29tZWJvZHkgZWxzZSdz').verify('a=1', headers, { jsonParse: false }),
  ).toThrow();
});

it('[WH10] the id of Standard Webhooks is the idempotency token', async () => {
  const { headers } = await ask('POST', '/voice');
  expect(headers['webhook-id']).toBe('key-1');
  expect(headers['i-twilio-idempotency-token']).toBe('key-1');
});
