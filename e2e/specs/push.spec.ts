import type { BrowserContext } from '@playwright/test';
import { PushServer } from '@parley/testkit/push-server';
import { Gateway, type Holding } from '../support/gateway.ts';
import { PhonePage } from '../support/phone-page.ts';
import { PushedBrowser } from '../support/pushed-browser.ts';
import { expect, test as base } from '../support/test.ts';

/** Jenny's browser: she has signed in once, and closed the page. */
interface Asleep {
  readonly url: string;
  readonly context: BrowserContext;
  readonly jennys: PushedBrowser;
  /** What their gateway holds. */
  readonly holds: () => Promise<Holding>;
}

const test = base.extend<{ readonly asleep: Asleep }>({
  asleep: async ({ application, webhooks, usualBrowser }, use) => {
    void webhooks;
    await using service = await PushServer.start();
    await using gateway = await Gateway.start({
      PARLEY_VOICE_URL: application.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
      PARLEY_PUSH_CONTACT: 'mailto:operator@example.com',
      PARLEY_PUSH_WAIT_SECONDS: '60',
    });
    const { url } = gateway;
    const context = await (await usualBrowser('jenny')).newContext();
    await using jennys = await PushedBrowser.of(context, url, service);
    const before = await PhonePage.load(context, url, 'jenny');
    const saved = before.page.waitForResponse(
      (response) => response.url() === `${url}/parley/push` && response.request().method() === 'POST',
    );
    await before.signedIn();
    expect((await saved).status()).toBe(201);
    await before.page.close();
    await expect.poll(async () => (await gateway.holds()).devices, 'her page is closed').toBe(0);
    await use({ url, context, jennys, holds: () => gateway.holds() });
    await context.close();
  },
});

test.describe('somebody whose page is closed', () => {
  test('[WP12] is told who calls, opens the page by answering, and the two hear one another', async ({
    asleep: { url, context, jennys },
    phones,
  }) => {
    const alice = await phones.open('alice', { url });
    await alice.dial('jenny');
    await expect
      .poll(() => jennys.notifications())
      .toEqual([{ title: 'alice', body: 'alice is calling jenny' }]);
    expect(await alice.lastEnding(), 'the call waits for her').toBeUndefined();

    const opened = new URL(await jennys.press('answer'), url);
    expect([opened.origin, opened.search]).toEqual([url, '?as=jenny']);
    const jenny = await PhonePage.load(context, url, 'jenny', { fragment: opened.hash });
    await alice.expectToHear('jenny');
    await jenny.expectToHear('alice');
    await expect.poll(() => jennys.notifications(), 'the notification has gone').toEqual([]);
    expect(new URL(jenny.page.url()).hash, 'a reload answers nothing').toBe('');
    await alice.hangUp();
  });

  test('[WP23] declines in the notification, with no page open, and the caller is told so', async ({
    asleep: { url, jennys, holds },
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Dial action="/after"><Client>jenny</Client></Dial></Response>');
    webhooks.on('/after', '<Response><Hangup/></Response>');
    const alice = await phones.open('alice', { url });
    await alice.dial('jenny');
    await expect.poll(() => jennys.notifications()).toHaveLength(1);

    await jennys.decline();

    await alice.expectEnded({ reason: 'rejected', by: 'remote', durationMs: 0 });
    await expect(alice.lastCall).toContainText('jenny declined the call');
    expect(webhooks.requests('/after')).toMatchObject([{ params: { DialCallStatus: 'busy' } }]);
    expect(await jennys.notifications(), 'nothing was missed by who declined').toEqual([]);
    await expect.poll(() => holds()).toMatchObject({ calls: 0, devices: 1 });
  });

  test('[WP12] is told what was missed when the caller gives up', async ({
    asleep: { url, jennys },
    phones,
  }) => {
    const alice = await phones.open('alice', { url });
    await alice.dial('jenny');
    await expect.poll(() => jennys.notifications()).toHaveLength(1);
    await alice.hangUp();
    await expect.poll(() => jennys.notifications()).toEqual([{ title: 'alice', body: 'Missed call' }]);
  });
});
