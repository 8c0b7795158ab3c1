import { expect, test } from '../support/test.ts';

test.describe('Chromium and Firefox', () => {
  test('[CL2] a Firefox answers a Chromium: both are heard and seen', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { isFirefox: true });

    await alice.dial('jenny', { video: true });
    await jenny.expectRinging('alice');
    await jenny.accept({ video: true });

    await Promise.all([alice.expectToHear('firefox'), jenny.expectToHear('alice')]);
    await jenny.expectToSee('red');
    // Its fake camera goes through all colours: it is enough that there is one, and that it moves.
    await expect.poll(() => alice.sees()).not.toMatch(/nothing|frozen|black/);

    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[CL1] a Firefox calls a Chromium: both are heard', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { isFirefox: true });

    await jenny.dial('alice');
    await alice.expectRinging('jenny');
    await alice.accept();

    await Promise.all([alice.expectToHear('firefox'), jenny.expectToHear('alice')]);
    await alice.hangUp();
    await jenny.expectEnded({ reason: 'remote-hangup' });
  });

  test('[SS19] a Firefox that goes to another page ends its call, and the other is told within moments', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { isFirefox: true });
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('firefox');

    const leftAtMs = Date.now();
    await jenny.page.goto('about:blank');

    await alice.expectEnded({ reason: 'remote-hangup', by: 'remote' });
    expect(Date.now() - leftAtMs).toBeLessThan(10_000);
    await alice.expectToHear('silence');
  });
});
