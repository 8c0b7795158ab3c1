import type { Browser, Page } from '@playwright/test';
import { Gateway } from '../support/gateway.ts';
import { Network } from '../support/network.ts';
import { installProbe } from '../support/page-probe.ts';
import { demoToken, SdkPageFolder } from '../support/sdk-page.ts';
import { expect, test } from '../support/test.ts';
import { TurnServer } from '../support/turn-server.ts';

test.describe('a firewall through which a way is found, and no media comes', () => {
  test('[RY42] auto-escalate goes through the relay by itself, in Chromium and in Firefox, and both hear one another', async ({
    usualBrowser,
  }) => {
    test.slow();
    using folder = await SdkPageFolder.build();
    await using turn = await TurnServer.start();
    await using gateway = await Gateway.start({
      PARLEY_SOFTPHONE: folder.path,
      PARLEY_PEER_CALLS: 'on',
      PARLEY_TURN_URLS: turn.url,
      PARLEY_TURN_SECRET: turn.secret,
    });
    await using network = await Network.start(gateway.url);
    network.letMediaPassOnlyFrom(turn.relayPorts);
    const open = async (browser: Browser, name: string): Promise<Page> => {
      const page = await browser.newPage();
      await page.addInitScript(installProbe);
      await page.goto(network.url);
      await page.evaluate(
        async (token) => {
          if (window.sdk === undefined) throw new Error('this page does not hold the SDK');
          const device = new window.sdk.Device(token, { iceTransportPolicy: 'auto-escalate', sounds: false });
          device.on('incoming', (call) => void call.accept());
          await device.register();
          window.device = device;
        },
        await demoToken(gateway.url, name),
      );
      return page;
    };
    const [alice, jenny] = [
      await open(await usualBrowser('alice'), 'alice'),
      await open(await usualBrowser('firefox'), 'jenny'),
    ];
    await alice.evaluate(async () => void (await window.device?.connect({ to: 'jenny' })));

    // The line is brought up, mended by a restart, and by new transports, before the relay is taken: their deadlines.
    const hears = async (page: Page): Promise<number> =>
      Math.round((await page.evaluate(() => window.probe.listen())).frequencyHz / 100);
    await expect.poll(() => hears(alice), { timeout: 60_000 }).toBe(10);
    await expect.poll(() => hears(jenny), { timeout: 20_000 }).toBe(3);
    for (const page of [alice, jenny]) {
      await page.evaluate(() => window.device?.destroy());
      await page.close();
    }
  });
});
