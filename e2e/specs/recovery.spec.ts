import { randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import twilio from 'twilio';
import { Gateway } from '../support/gateway.ts';
import { Network } from '../support/network.ts';
import { PhonePage } from '../support/phone-page.ts';
import { expect, test } from '../support/test.ts';

test.describe('a call when something breaks', () => {
  test('[CS43] signaling is lost for a while: nobody hears a gap, and afterwards the call can be ended', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);

    await alice.page.context().setOffline(true);
    // Each look is half a second, and one that hears nothing fails at once.
    await expect(alice.button('trouble')).toContainText('reconnecting');
    for (let look = 0; look < 3; look += 1) {
      expect(await Promise.all([jenny.hears(), alice.hears()])).toEqual(['alice', 'jenny']);
    }
    await alice.page.context().setOffline(false);

    await expect(alice.button('trouble')).toBeHidden();
    expect(await Promise.all([jenny.hears(), alice.hears()])).toEqual(['alice', 'jenny']);
    await expect(alice.button('status')).toHaveText('In a call');
    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[MP20] the SFU dies under a call: both hear and see one another again by themselves', async ({
    phones,
    gateway,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny', { video: true });
    await jenny.accept({ video: true });
    await Promise.all([alice.expectToSee('green'), jenny.expectToSee('red')]);

    const restarts = await gateway.mediaWorkerRestarts();
    gateway.killMediaWorkers();
    await expect.poll(() => gateway.mediaWorkerRestarts()).toBe(restarts + 1);

    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await Promise.all([alice.expectToSee('green'), jenny.expectToSee('red')]);
    expect([await alice.endings(), await jenny.endings()]).toEqual([[], []]);
    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[RY8] the gateway is started anew: both are registered again by themselves, and the call has ended truthfully', async ({
    phones,
    application,
    webhooks,
  }) => {
    void webhooks;
    const settings = { PARLEY_VOICE_URL: application.url('/voice'), PARLEY_ALLOW: '127.0.0.1' };
    const before = await Gateway.start(settings);
    const { url } = before;
    const alice = await phones.open('alice', { url });
    const jenny = await phones.open('jenny', { url });
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);

    await before.crash();
    await expect(alice.button('trouble')).toContainText('reconnecting');
    await using after = await Gateway.start({ ...settings, PARLEY_PORT: new URL(url).port });
    expect(after.url).toBe(url);

    for (const phone of [alice, jenny]) {
      await phone.expectEnded({ reason: 'network', by: 'server', error: 'resume-refused' });
      await phone.expectToHear('silence');
      await expect(phone.button('status')).toHaveAttribute('data-state', 'registered');
    }
    await before[Symbol.asyncDispose]();
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await alice.hangUp();
    await jenny.expectEnded({ reason: 'remote-hangup' });
    for (const phone of [alice, jenny]) await phone.close();
  });

  test('[RY9] the token runs out in a call, and none can be had: the call goes on, also over a lost socket', async ({
    phones,
    application,
    webhooks,
    usualBrowser,
  }) => {
    void webhooks;
    const auth = { sid: ACCOUNT_SID, token: randomBytes(16).toString('hex') };
    await using gateway = await Gateway.start({
      PARLEY_ACCOUNT_SID: auth.sid,
      PARLEY_AUTH_TOKEN: auth.token,
      PARLEY_VOICE_URL: application.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
    });
    await using network = await Network.start(gateway.url);
    const alice = await phones.open('alice', { url: gateway.url });
    const context = await (await usualBrowser('jenny')).newContext();
    const token = await shortToken(gateway, auth, 'jenny');
    let isGiven = false;
    // One token, and no other.
    await context.route('**/demo/token*', (route) =>
      isGiven ? route.fulfill({ status: 500 }) : ((isGiven = true), route.fulfill({ json: { token } })),
    );
    const jenny = await PhonePage.load(context, network.url, 'jenny');
    await jenny.signedIn();
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);

    // It has run out once a new call is refused for it.
    await expect.poll(() => refusalOfACall(jenny.page), { timeout: 40_000 }).toBe('token-expired');
    await expect(jenny.button('duration')).toBeVisible();
    network.dropSockets();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await expect(jenny.button('trouble')).toBeHidden();
    expect(await alice.endings()).toEqual([]);
    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
    await jenny.close();
    await alice.close();
  });
});

const ACCOUNT_SID = 'ACde300000000000000000000000000000';
/** A token is taken until 30 s after its end (D29). This one has so long to go, enough to be in a call by then. */
const TOKEN_LEFT_SECONDS = 20;

async function shortToken(
  gateway: Gateway,
  auth: { readonly sid: string; readonly token: string },
  identity: string,
): Promise<string> {
  const client = twilio(auth.sid, auth.token);
  client.api.baseUrl = gateway.url;
  const key = await client.newKeys.create({ friendlyName: 'token server' });
  const { AccessToken } = twilio.jwt;
  const ttl = TOKEN_LEFT_SECONDS - 30;
  const token = new AccessToken(auth.sid, key.sid, key.secret, { identity, ttl });
  token.addGrant(
    new AccessToken.VoiceGrant({ incomingAllow: true, outgoingApplicationSid: APPLICATION_SID }),
  );
  return token.toJwt();
}

const APPLICATION_SID = 'APde300000000000000000000000000000';

/** Places a call beside the one that is on, and answers why it is refused. */
function refusalOfACall(page: Page): Promise<string | undefined> {
  return page.evaluate(async () => {
    const call = await window.parleyDevice?.connect({ to: 'nobody', microphone: false });
    const { error } = (await call?.ended) ?? {};
    return error?.name;
  });
}
