import process from 'node:process';
import type { Page } from '@playwright/test';
import { GAP_MS, hearingSince, IMPAIRMENTS, type Impairment } from '../support/impairments.ts';
import { Network } from '../support/network.ts';
import { expect, test } from '../support/test.ts';

/** What each of them shows. */
const SHOWN: Readonly<Record<Impairment['rule'], string>> = {
  RY30: '[RY30] packets are lost, and the call goes on',
  RY31: '[RY31] the socket is away, and nobody hears a gap',
  RY32: '[RY32] the socket only looks alive, and is replaced without a gap',
  RY33: '[RY33] the media worker dies, and both hear again',
  RY34: '[RY34] the page is reloaded and takes the call back',
  RY64: '[RY64] ICE is content and nothing passes, which is mended',
  RY35: '[RY35] nothing passes for a while, and then both hear again',
};

for (const browser of ['chromium', 'firefox'] as const) {
  const isFirefox = browser === 'firefox';
  test.describe(`in a call, with a ${browser} behind a bad network`, () => {
    for (const { name, rule, hears, happen } of IMPAIRMENTS) {
      test(`${SHOWN[rule]}: ${name}`, async ({ phones, gateway }, testInfo) => {
        await using network = await Network.start(gateway.url);
        const alice = await phones.open('alice');
        const jenny = await phones.open('jenny', { url: network.url, isFirefox });
        await jenny.dial('alice');
        await alice.accept();
        const bothHear = (): Promise<unknown> =>
          Promise.all([alice.expectToHear(isFirefox ? 'firefox' : 'jenny'), jenny.expectToHear('alice')]);
        await bothHear();
        for (const { page } of [alice, jenny]) await page.evaluate(() => window.probe.silences());
        const before = await alice.page.evaluate(() => window.probe.peerConnections());

        const sinceMs = await happen({ network, gateway, page: jenny.page, farPage: alice.page });
        await bothHear();

        const [near, far] = [
          await hearingSince(jenny.page, sinceMs),
          await hearingSince(alice.page, sinceMs),
        ];
        const measured = `time to recovered audio: ${near.recoveredMs} ms behind it, ${far.recoveredMs} ms at the other end`;
        testInfo.annotations.push({ type: 'measured', description: measured });
        process.stdout.write(`      ${browser}, ${name}: ${measured}\n`);
        const longestMs = Math.max(near.longestSilenceMs, far.longestSilenceMs);
        if (hears === 'no gap') expect(longestMs).toBeLessThan(GAP_MS);
        network.lossPercent = 0;
        expect(await alice.endings()).toEqual([]);
        // [RY65] Whoever is not behind it hears nothing either, and has nothing to mend.
        if (rule !== 'RY33')
          expect(await alice.page.evaluate(() => window.probe.peerConnections())).toEqual(before);
        await jenny.hangUp();
        await alice.expectEnded({ reason: 'remote-hangup' });
        // Before its network is taken down, or nobody would hear that it goes.
        await jenny.close();
        await expect.poll(() => gateway.holds()).toMatchObject({ devices: 1 });
      });
    }
  });
}

test('[RY66] [RY65] where no cure helps, the call goes on and is warned of, and both hear when it is over', async ({
  phones,
  gateway,
}) => {
  test.slow();
  await using network = await Network.start(gateway.url);
  const alice = await phones.open('alice');
  const jenny = await phones.open('jenny', { url: network.url });
  await jenny.dial('alice');
  await alice.accept();
  await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
  const madeBy = (page: Page): Promise<number> => page.evaluate(() => window.probe.peerConnections().made);
  const [before, others] = [await madeBy(jenny.page), await madeBy(alice.page)];

  network.stopStreams();
  // New transports twice, a pair each time.
  await expect.poll(() => madeBy(jenny.page), { timeout: 90_000 }).toBeGreaterThanOrEqual(before + 4);
  expect(await jenny.endings()).toEqual([]);
  expect(await qualityOf(jenny.page)).toMatchObject({
    reasons: expect.arrayContaining(['low-bytes-received']),
  });
  // Alice hears nothing either, and her path is none the worse for it.
  expect(await madeBy(alice.page)).toBe(others);

  network.letMediaPass();
  await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
  await jenny.hangUp();
  await alice.expectEnded({ reason: 'remote-hangup' });
  await jenny.close();
  await expect.poll(() => gateway.holds()).toMatchObject({ devices: 1 });
});

function qualityOf(page: Page): Promise<unknown> {
  return page.evaluate(() => {
    const call = window.parleyDevice?.activeCall as unknown as
      | { readonly store: { getSnapshot(): { readonly quality: unknown } } }
      | undefined;
    return call?.store.getSnapshot().quality;
  });
}
