import { randomBytes } from 'node:crypto';
import process from 'node:process';
import type { Browser, Page } from '@playwright/test';
import twilio from 'twilio';
import { Gateway } from '../support/gateway.ts';
import { GAP_MS, hearingSince } from '../support/impairments.ts';
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
    webhooks,
  }, testInfo) => {
    const settings = {
      PARLEY_DATA: testInfo.outputPath('data'),
      PARLEY_VOICE_URL: webhooks.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
    };
    await using before = await Gateway.start(settings);
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
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await alice.hangUp();
    await jenny.expectEnded({ reason: 'remote-hangup' });
    for (const phone of [alice, jenny]) await phone.close();
  });

  test('[RY9] both tokens run out in a call, and no others can be had: the call goes on, also over a lost socket', async ({
    webhooks,
    usualBrowser,
  }) => {
    const authToken = randomBytes(16).toString('hex');
    await using gateway = await Gateway.start({
      PARLEY_ACCOUNT_SID: ACCOUNT_SID,
      PARLEY_AUTH_TOKEN: authToken,
      PARLEY_ALLOW: '127.0.0.1',
    });
    const tokens = await openTokenServer(gateway, { authToken, voiceUrl: webhooks.url('/voice') });
    await using network = await Network.start(gateway.url);
    const open = async (browser: Browser, name: string): Promise<PhonePage> => {
      const context = await browser.newContext();
      await context.addInitScript(giveOneToken, tokenFor(name, tokens));
      const phone = await PhonePage.load(context, network.url, name);
      await phone.signedIn();
      return phone;
    };
    const alice = await open(await usualBrowser('alice'), 'alice');
    const jenny = await open(await usualBrowser('firefox'), 'jenny');
    await alice.dial('jenny');
    await jenny.accept();
    const bothHear = (): Promise<unknown> =>
      Promise.all([alice.expectToHear('firefox'), jenny.expectToHear('alice')]);
    await bothHear();
    for (const { page } of [alice, jenny]) await page.evaluate(() => window.probe.silences());
    const sinceMs = Date.now();

    // The next ones have two seconds to go: a token is taken until 30 s after its end (D29).
    for (const { name, page } of [alice, jenny]) {
      const token = tokenFor(name, tokens, 2 - 30);
      await page.evaluate((given) => window.parleyDevice?.updateToken(given), token);
    }
    // Nobody is rung with a token that has run out.
    await expect.poll(() => gateway.devicesRegistered()).toBe(0);
    await bothHear();
    network.dropSockets();
    await bothHear();
    for (const phone of [alice, jenny]) await expect(phone.button('trouble')).toBeHidden();

    const missed = await Promise.all([alice, jenny].map(({ page }) => hearingSince(page, sinceMs)));
    const [inChromium, inFirefox] = missed.map(({ recoveredMs }) => recoveredMs);
    process.stdout.write(
      `      the token runs out: time to recovered audio: ${inChromium} ms in chromium, ${inFirefox} ms in firefox\n`,
    );
    for (const { longestSilenceMs } of missed) expect(longestSilenceMs).toBeLessThan(GAP_MS);
    expect([await alice.endings(), await jenny.endings()]).toEqual([[], []]);

    // No new call is placed either, and the one that is on is not left on hold for it.
    for (const { page } of [alice, jenny]) expect(await refusalOfACall(page)).toBe('token-expired');
    await bothHear();
    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
    for (const phone of [alice, jenny]) await phone.close();
  });
});

const ACCOUNT_SID = 'ACde300000000000000000000000000000';

/** What a web application mints tokens with. */
interface TokenServer {
  readonly accountSid: string;
  readonly key: { readonly sid: string; readonly secret: string };
  readonly applicationSid: string;
}

async function openTokenServer(
  gateway: Gateway,
  { authToken, voiceUrl }: { readonly authToken: string; readonly voiceUrl: string },
): Promise<TokenServer> {
  const client = twilio(ACCOUNT_SID, authToken);
  client.api.baseUrl = gateway.url;
  const { sid, secret } = await client.newKeys.create({ friendlyName: 'token server' });
  const application = await client.applications.create({ friendlyName: 'phone', voiceUrl });
  return { accountSid: ACCOUNT_SID, key: { sid, secret }, applicationSid: application.sid };
}

function tokenFor(identity: string, server: TokenServer, ttlSeconds = 600): string {
  const { AccessToken } = twilio.jwt;
  const { sid, secret } = server.key;
  const token = new AccessToken(server.accountSid, sid, secret, { identity, ttl: ttlSeconds });
  token.addGrant(
    new AccessToken.VoiceGrant({ incomingAllow: true, outgoingApplicationSid: server.applicationSid }),
  );
  return token.toJwt();
}

/** Answers the page's first wish for a token with this one, and no other. Runs in the page. */
function giveOneToken(token: string): void {
  const ask = window.fetch.bind(window);
  let isGiven = false;
  window.fetch = (what, options) => {
    if (typeof what !== 'string' || !what.startsWith('/demo/token')) return ask(what, options);
    const answer = isGiven ? new Response(null, { status: 500 }) : Response.json({ token });
    isGiven = true;
    return Promise.resolve(answer);
  };
}

/** Places a call beside the one that is on, and answers why it is refused. */
function refusalOfACall(page: Page): Promise<string | undefined> {
  return page.evaluate(async () => {
    const call = await window.parleyDevice?.connect({ to: 'nobody', microphone: false });
    const { error } = (await call?.ended) ?? {};
    return error?.name;
  });
}
