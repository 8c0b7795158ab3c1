import type { Page } from '@playwright/test';
import { BuiltPages } from '../support/build.ts';
import { Gateway } from '../support/gateway.ts';
import { PolicyServer } from '../support/policy-server.ts';
import { expect, test } from '../support/test.ts';

test.describe('what is published, in pages that nobody has built', () => {
  let pages: BuiltPages;
  let own: PolicyServer;
  let gateway: Gateway;

  test.beforeAll(async ({ application }) => {
    test.setTimeout(180_000);
    pages = new BuiltPages();
    await pages.unbundled();
    own = await PolicyServer.start(pages.folder);
    gateway = await Gateway.start({
      PARLEY_SOFTPHONE: pages.folder,
      PARLEY_VOICE_URL: application.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
      PARLEY_ORIGINS: own.url,
    });
    own.gateway = gateway.url;
  });

  test.afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await own[Symbol.asyncDispose]();
    pages[Symbol.dispose]();
  });

  test('[PK49] by an import map whose hash the policy names, and by its address without any map', async ({
    usualBrowser,
    webhooks,
  }) => {
    void webhooks;
    const troubles: string[] = [];
    const open = async (person: 'alice' | 'jenny', address: string): Promise<Page> => {
      const context = await (await usualBrowser(person)).newContext();
      const page = await context.newPage();
      page.on('pageerror', (error) => troubles.push(error.message));
      page.on('console', (line) => {
        if (line.type() === 'error') troubles.push(`${line.text()} ${line.location().url}`);
      });
      page.on('request', (request) => {
        const { origin } = new URL(request.url());
        if (origin !== gateway.url && origin !== own.url) troubles.push(`asked ${request.url()}`);
      });
      await page.goto(address);
      return page;
    };
    // Under the gateway's own policy, which names no hash.
    const jenny = await open('jenny', `${gateway.url}/by-address.html?as=jenny`);
    await expect(jenny.locator('#state')).toHaveText('registered');
    const socket = encodeURIComponent(`${gateway.url.replace('http', 'ws')}/parley`);
    const alice = await open('alice', `${own.url}/by-name.html?as=alice&to=jenny&gateway=${socket}`);
    await expect(jenny.locator('#call')).toHaveText('pending');
    await jenny.locator('#answer').click();
    await expect(alice.locator('#call')).toHaveText('open');
    for (const page of [alice, jenny]) {
      const width = () => page.locator('video').evaluate((video: HTMLVideoElement) => video.videoWidth);
      await expect.poll(width).toBeGreaterThan(0);
    }
    await expect(alice).toHaveTitle('Sie sind stumm geschaltet.');
    await expect(alice.locator('html')).toHaveAttribute('data-preflight', 'function');
    await alice.locator('#hang-up').click();
    await expect(jenny.locator('#call')).toHaveText('closed');
    expect(troubles).toEqual([]);
    // The policy is one: a map that it does not name is not read.
    const refused = await open('alice', `${gateway.url}/by-name.html?as=alice`);
    await expect.poll(() => troubles.join('\n')).toMatch(/Content Security Policy/);
    await expect(refused.locator('#state')).not.toHaveText('registered');
    for (const page of [alice, jenny, refused]) await page.context().close();
  });
});
