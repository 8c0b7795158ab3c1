import { randomBytes } from 'node:crypto';
import type { Browser } from '@playwright/test';
import twilio from 'twilio';
import { Gateway } from '../support/gateway.ts';
import { MidCall } from '../support/mid-call.ts';
import { PhonePage } from '../support/phone-page.ts';
import { expect, test as base } from '../support/test.ts';
import type { WebhookServer } from '../support/webhook-server.ts';

/** The account whose people the softphone signs in; here its token is ours. */
const ACCOUNT_SID = 'ACde300000000000000000000000000000';
const AUTH_TOKEN = randomBytes(16).toString('hex');

/** What a backend has: the npm package, pointed at a gateway whose account it knows. */
interface Backend {
  readonly client: ReturnType<typeof twilio>;
  readonly gateway: Gateway;
}

const test = base.extend<object, { readonly backend: Backend }>({
  backend: [
    async ({ application }, use) => {
      await using gateway = await Gateway.start({
        PARLEY_ACCOUNT_SID: ACCOUNT_SID,
        PARLEY_AUTH_TOKEN: AUTH_TOKEN,
        PARLEY_VOICE_URL: application.url('/voice'),
        PARLEY_ALLOW: '127.0.0.1',
      });
      const client = twilio(ACCOUNT_SID, AUTH_TOKEN);
      client.api.baseUrl = gateway.url;
      await use({ client, gateway });
    },
    { scope: 'worker' },
  ],
});

const IN_PROGRESS = 'in-progress';

test.describe('the npm package twilio, as it is', () => {
  test('[RS40] makes a call that rings, reads it while it talks, and ends it', async ({
    backend: { client, gateway },
    phones,
    webhooks,
  }) => {
    const jenny = await phones.open('jenny', { url: gateway.url });
    const bob = await phones.open('bob', { url: gateway.url });
    webhooks.on('/answered', '<Response><Dial><Client>bob</Client></Dial></Response>');
    webhooks.on('/status', { status: 204, body: '' });

    const call = await client.calls.create({
      to: 'client:jenny?X-Ticket=42',
      from: 'client:support',
      url: webhooks.url('/answered'),
      statusCallback: webhooks.url('/status'),
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    });
    expect(call).toMatchObject({ status: 'queued', direction: 'outbound-api' });
    await jenny.expectRinging('support');
    expect((await client.calls(call.sid).fetch()).status).toBe('ringing');
    await jenny.accept();
    await bob.accept();
    await Promise.all([jenny.expectToHear('bob'), bob.expectToHear('jenny')]);
    expect(await jenny.customParameters()).toEqual({ 'X-Ticket': '42' });

    expect((await client.calls(call.sid).fetch()).status).toBe(IN_PROGRESS);
    expect(await client.calls.list({ parentCallSid: call.sid })).toMatchObject([
      { to: 'client:bob', status: IN_PROGRESS, direction: 'outbound-dial' },
    ]);

    expect((await client.calls(call.sid).update({ status: 'completed' })).status).toBe('completed');
    await Promise.all([jenny.expectEnded({}), bob.expectEnded({})]);
    await webhooks.request('/status', 4);
    const told = webhooks.requests('/status').map(({ params }) => params);
    expect(told.map(({ CallStatus }) => CallStatus)).toEqual([
      'initiated',
      'ringing',
      IN_PROGRESS,
      'completed',
    ]);
    expect(told.map(({ SequenceNumber }) => SequenceNumber)).toEqual(['0', '1', '2', '3']);
    expect(new Set(told.map(({ CallSid }) => CallSid))).toEqual(new Set([call.sid]));
  });

  test('[RS21] [CL11] gives a call that talks another document', async ({
    backend: { client, gateway },
    phones,
    webhooks,
  }) => {
    const alice = await phones.open('alice', { url: gateway.url });
    const jenny = await phones.open('jenny', { url: gateway.url });
    const bob = await phones.open('bob', { url: gateway.url });
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('jenny');

    const { params } = await webhooks.request('/voice');
    const twiml = new twilio.twiml.VoiceResponse();
    twiml.dial().client('bob');
    await client.calls(params['CallSid'] ?? '').update({ twiml });

    await jenny.expectEnded({});
    await bob.expectRinging('alice');
    await bob.accept();
    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);
  });

  test('[D27] [C23] cancels one of two that ring, and the other rings on', async ({
    backend: { client, gateway },
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Dial><Client>jenny</Client><Client>bob</Client></Dial></Response>');
    const alice = await phones.open('alice', { url: gateway.url });
    const jenny = await phones.open('jenny', { url: gateway.url });
    const bob = await phones.open('bob', { url: gateway.url });
    await alice.dial('either');
    await Promise.all([jenny.expectRinging('alice'), bob.expectRinging('alice')]);

    const [branch] = await client.calls.list({ to: 'client:jenny', status: 'ringing' });
    const sid = branch?.sid ?? '';
    await expect(client.calls(sid).update({ url: webhooks.url('/voice') })).rejects.toMatchObject({
      status: 400,
      code: 21220,
    });
    expect((await client.calls(sid).update({ status: 'canceled' })).status).toBe('canceled');
    await jenny.expectEnded({});
    await bob.accept();
    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);
  });

  test('[D26] calls somebody who is not there: a call that fails, not a refusal', async ({
    backend: { client },
    webhooks,
  }) => {
    const call = await client.calls.create({
      to: 'client:nobody',
      from: 'client:support',
      url: webhooks.url('/answered'),
    });
    await expect.poll(async () => (await client.calls(call.sid).fetch()).status).toBe('failed');
    expect(await client.calls(call.sid).notifications.list()).not.toEqual([]);
    // It is over: ending it once more changes nothing, and nothing else can be done to it (D25).
    expect((await client.calls(call.sid).update({ status: 'completed' })).status).toBe('failed');
    await expect(client.calls(call.sid).update({ status: 'canceled' })).rejects.toMatchObject({
      code: 21220,
    });
  });

  test('[RS40] mints tokens that the SDK signs in with', async ({
    backend: { client, gateway },
    usualBrowser,
    webhooks,
  }) => {
    const key = await client.newKeys.create({ friendlyName: 'token server' });
    const { AccessToken } = twilio.jwt;
    const token = new AccessToken(ACCOUNT_SID, key.sid, key.secret, { identity: 'jenny', ttl: 600 });
    token.addGrant(new AccessToken.VoiceGrant({ incomingAllow: true }));

    const jenny = await openWithToken(await usualBrowser('jenny'), gateway, token.toJwt());
    await jenny.signedIn();
    await client.calls.create({ to: 'client:jenny', from: 'client:support', url: webhooks.url('/answered') });
    await jenny.expectRinging('support');
    await jenny.close();
  });

  test('[WH9] validates our signatures, of documents and of callbacks', async ({
    backend: { client, gateway },
    phones,
    webhooks,
  }) => {
    webhooks.on('/answered', '<Response><Hangup/></Response>');
    webhooks.on('/status', { status: 204, body: '' });
    const jenny = await phones.open('jenny', { url: gateway.url });
    await client.calls.create({
      to: 'client:jenny',
      from: 'client:support',
      url: webhooks.url('/answered'),
      statusCallback: webhooks.url('/status'),
    });
    await jenny.accept();
    await jenny.expectEnded({});
    for (const path of ['/answered', '/status']) {
      expect(await isSigned(webhooks, path, AUTH_TOKEN), path).toBe(true);
      expect(await isSigned(webhooks, path, 'somebody else’s token'), path).toBe(false);
    }
  });

  test('[RS40] finds who is in a conference, mutes one of them, and ends it', async ({
    backend: { client, gateway },
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Dial><Conference>standup</Conference></Dial></Response>');
    const alice = await phones.open('alice', { url: gateway.url });
    const bob = await phones.open('bob', { url: gateway.url });
    await alice.dial('standup');
    await bob.dial('standup');
    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);

    const [standup, ...others] = await client.conferences.list({
      friendlyName: 'standup',
      status: 'in-progress',
    });
    expect(others).toEqual([]);
    const conference = client.conferences(standup?.sid ?? '');
    const participants = await conference.participants.list();
    const [bobs] = await client.calls.list({ from: 'client:bob', status: 'in-progress' });
    expect(participants).toHaveLength(2);
    expect(await conference.participants(bobs?.sid ?? '').update({ muted: true })).toMatchObject({
      muted: true,
    });
    await alice.expectToHear('silence');
    await bob.expectToHear('alice');

    expect(await conference.update({ status: 'completed' })).toMatchObject({ status: 'completed' });
    await Promise.all([alice.expectEnded({}), bob.expectEnded({})]);
    expect(await client.conferences.list({ status: 'in-progress' })).toEqual([]);
  });

  test('[RS40] [MC60] [MC62] says something to a caller’s page, and hears what she says', async ({
    backend: { client, gateway },
    phones,
    webhooks,
  }) => {
    webhooks.on('/said', { status: 204, body: '' });
    const alice = await phones.open('alice', { url: gateway.url });
    const jenny = await phones.open('jenny', { url: gateway.url });
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('jenny');
    const { params } = await webhooks.request('/voice');
    const hers = client.calls(params['CallSid'] ?? '');
    const [inAlice, inJenny] = [new MidCall(alice), new MidCall(jenny)];
    await inAlice.listen();
    await inJenny.listen();

    const content = JSON.stringify({ ticket: 42 });
    const message = await hers.userDefinedMessages.create({ content, idempotencyKey: 'ticket 42' });
    expect(message.sid).toMatch(/^KX[0-9a-f]{32}$/);
    expect((await hers.userDefinedMessages.create({ content, idempotencyKey: 'ticket 42' })).sid).toBe(
      message.sid,
    );
    await expect.poll(() => inAlice.messages()).toEqual([{ ticket: 42 }]);
    expect(await inJenny.messages()).toEqual([]);

    const subscription = await hers.userDefinedMessageSubscriptions.create({
      callback: webhooks.url('/said'),
    });
    await inAlice.send({ tab: 'orders' });
    await expect.poll(() => inJenny.messages()).toEqual([{ tab: 'orders' }]);
    const said = await webhooks.request('/said');
    expect(said.params).toMatchObject({
      CallSid: params['CallSid'],
      SubscriptionSid: subscription.sid,
      Content: '{"tab":"orders"}',
      SequenceNumber: '0',
    });
    expect(await isSigned(webhooks, '/said', AUTH_TOKEN)).toBe(true);
    // The package’s own `subscription.remove()` does not know the name it was given.
    expect(await hers.userDefinedMessageSubscriptions(subscription.sid).remove()).toBe(true);
    await expect(hers.userDefinedMessages.create({ content: 'no JSON' })).rejects.toMatchObject({
      status: 400,
      code: 20001,
    });
  });

  test('[RS40] lists recordings', async ({ backend: { client } }) => {
    expect(Array.isArray(await client.recordings.list())).toBe(true);
  });
});

async function isSigned(webhooks: WebhookServer, path: string, authToken: string): Promise<boolean> {
  const { params, headers } = await webhooks.request(path);
  return twilio.validateRequest(authToken, String(headers['x-twilio-signature']), webhooks.url(path), params);
}

/** The softphone, which asks for its token as a page would; here it is given this one. */
async function openWithToken(browser: Browser, gateway: Gateway, token: string): Promise<PhonePage> {
  const context = await browser.newContext();
  await context.route('**/demo/token*', (route) => route.fulfill({ json: { token, identity: 'jenny' } }));
  return PhonePage.load(context, gateway.url, 'jenny');
}
