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
    await jenny.signOut();
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
    await jenny.signOut();
  });
});
