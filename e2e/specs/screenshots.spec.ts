import path from 'node:path';
import process from 'node:process';
import type { PhonePage } from '../support/phone-page.ts';
import { expect, test, type Phones } from '../support/test.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const PHONE_SIZED = { width: 390, height: 844 };

/**
 * The pictures of the softphone in the documentation, and a look at each screen in every run. `PARLEY_SCREENSHOTS` names
 * the folder they are kept in; otherwise they are beside the report.
 */
test.describe('pictures of the softphone', () => {
  const take = async ({ page }: PhonePage, name: string): Promise<void> => {
    // What moves for ever, such as the ring around a call that waits, may be anywhere.
    await page.evaluate(async () => {
      const passing = document
        .getAnimations()
        .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime ?? Infinity));
      await Promise.allSettled(passing.map(({ finished }) => finished));
    });
    const folder = process.env['PARLEY_SCREENSHOTS'];
    const file = `softphone-${name}.png`;
    const isKept = folder !== undefined && folder !== '';
    await page.screenshot({
      path: isKept ? path.resolve(REPOSITORY, folder, file) : test.info().outputPath(file),
    });
  };

  test('idle, ringing and in a video call', async ({ phones }) => {
    const alice = await phones.open('alice', { isPictured: true });
    await openNeighbours(phones);
    const jenny = await phones.open('jenny', { isPictured: true, deviceLabel: 'Desk' });
    await expect(alice.button('presence')).toContainText('jenny');
    await take(alice, 'idle');

    await alice.dial('jenny', { video: true });
    await jenny.expectRinging('alice');
    await take(jenny, 'ringing');

    await jenny.accept({ video: true });
    await expect.poll(() => alice.sees()).toMatch(/^rgb/);
    await expect.poll(() => jenny.sees()).toMatch(/^rgb/);
    await take(alice, 'video');
  });

  test('ringing and in a video call, on a screen of the size of a phone', async ({ phones }) => {
    const alice = await phones.open('alice', { isPictured: true });
    const jenny = await phones.open('jenny', { isPictured: true, viewport: PHONE_SIZED });

    await alice.dial('jenny', { video: true });
    await jenny.expectRinging('alice');
    await take(jenny, 'phone-ringing');

    await jenny.accept({ video: true });
    await expect.poll(() => jenny.sees()).toMatch(/^rgb/);
    await take(jenny, 'phone-video');
  });

  test('in the dark', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.page.emulateMedia({ colorScheme: 'dark' });
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('jenny');
    await take(alice, 'dark-audio');
  });
});

/** A list of people looks like one only with some people in it. */
async function openNeighbours(phones: Phones): Promise<void> {
  await phones.open('bob');
  await phones.open('carol', { as: 'bob' });
}
