import type { Page } from '@playwright/test';
import { BuiltPages } from '../support/build.ts';
import { Gateway } from '../support/gateway.ts';
import { expect, test } from '../support/test.ts';

test.describe('what is published, in pages of a strict policy', () => {
  let pages: BuiltPages;
  let gateway: Gateway;

  test.beforeAll(async ({ application }) => {
    test.setTimeout(180_000);
    pages = new BuiltPages();
    await pages.packed();
    // The gateway's own policy for pages: scripts and styles from here only, no inline, no eval; the pages add Trusted Types.
    gateway = await Gateway.start({
      PARLEY_SOFTPHONE: pages.folder,
      PARLEY_VOICE_URL: application.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
    });
  });

  test.afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    pages[Symbol.dispose]();
  });

  for (const kind of ['sdk', 'twilio', 'restcomm']) {
    test(`[PK44] ${kind}: calls and is called, breaks no policy, and asks nobody but the gateway`, async ({
      usualBrowser,
      webhooks,
    }) => {
      void webhooks;
      const troubles: string[] = [];
      const open = async (person: 'alice' | 'jenny', query: string): Promise<Page> => {
        const context = await (await usualBrowser(person)).newContext();
        const page = await context.newPage();
        page.on('pageerror', (error) => troubles.push(error.message));
        page.on('console', (line) => {
          if (line.type() === 'error') troubles.push(`${line.text()} ${line.location().url}`);
        });
        page.on('request', (request) => {
          if (new URL(request.url()).origin !== gateway.url) troubles.push(`asked ${request.url()}`);
        });
        await page.goto(`${gateway.url}/${query}`);
        return page;
      };
      const jenny = await open('jenny', `${kind}.html?as=jenny`);
      await expect(jenny.locator('#state')).toHaveText(/registered|ready/);
      const alice = await open('alice', 'sdk.html?as=alice&to=jenny');
      await expect(jenny.locator('#call')).toHaveText('pending');
      await jenny.locator('#answer').click();
      await expect(jenny.locator('#call')).toHaveText(/open/);
      await expect(alice.locator('#call')).toHaveText('open');
      if (kind !== 'twilio') {
        const width = () => alice.locator('video').evaluate((video: HTMLVideoElement) => video.videoWidth);
        await expect.poll(width).toBeGreaterThan(0);
      }
      await jenny.locator('#hang-up').click();
      await expect(jenny.locator('#call')).toHaveText(/closed/);
      await expect(alice.locator('#call')).toHaveText('closed');
      await alice.context().close();

      const back = await open('alice', `${kind}.html?as=otto&to=jenny`);
      await expect(jenny.locator('#call')).toHaveText('pending');
      await back.locator('#hang-up').click();
      await expect(jenny.locator('#call')).toHaveText(/closed/);
      await expect(back.locator('#call')).toHaveText(/closed/);
      await back.context().close();
      await jenny.context().close();
      expect(troubles).toEqual([]);
    });
  }

  test('[PK46] a page whose late parts are still on their way is found again, rings, and answers when they are there', async ({
    usualBrowser,
    webhooks,
  }) => {
    void webhooks;
    const open = async (person: 'alice' | 'jenny') =>
      (await (await usualBrowser(person)).newContext()).newPage();
    const jenny = await open('jenny');
    let letThrough = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letThrough = resolve));
    await jenny.route(/call-parts/, async (route) => {
      await gate;
      await route.continue();
    });
    await jenny.goto(`${gateway.url}/sdk.html?as=jenny`);
    await expect(jenny.locator('#state')).toHaveText('registered');
    await jenny.context().setOffline(true);
    await expect(jenny.locator('#connection')).toHaveText('reconnecting');
    await jenny.context().setOffline(false);
    await expect(jenny.locator('#connection')).toHaveText('connected');

    const alice = await open('alice');
    await alice.goto(`${gateway.url}/sdk.html?as=alice&to=jenny`);
    await expect(jenny.locator('#call')).toHaveText('pending');
    await jenny.locator('#answer').click();
    await expect(alice.locator('#call')).toHaveText('ringing');
    await expect(jenny.locator('#call')).toHaveText('pending');
    letThrough();
    await expect(jenny.locator('#call')).toHaveText('open');
    await expect(alice.locator('#call')).toHaveText('open');
    const width = () => alice.locator('video').evaluate((video: HTMLVideoElement) => video.videoWidth);
    await expect.poll(width).toBeGreaterThan(0);
    await jenny.locator('#hang-up').click();
    await expect(alice.locator('#call')).toHaveText('closed');
    await alice.context().close();
    await jenny.context().close();
  });
});
