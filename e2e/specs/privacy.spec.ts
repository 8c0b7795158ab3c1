import { expect, test } from '../support/test.ts';

test.describe('before anybody has said yes', () => {
  test('[SP22] no microphone and no camera is asked for on a phone that rings', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    expect(await alice.asked()).toEqual([]);

    await alice.dial('jenny', { video: true });
    await jenny.expectRinging('alice');
    await jenny.expectToHear('ringtone');
    expect(await jenny.asked()).toEqual([]);
    await expect.poll(() => alice.lights()).toEqual(['microphone', 'camera']);

    await jenny.accept({ video: true });
    await jenny.expectToSee('red');
    expect((await jenny.asked()).toSorted()).toEqual(['camera', 'microphone']);
  });

  test('[MP1] while it rings not one packet of sound or picture reaches either of them', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny', { video: true });
    await jenny.expectRinging('alice');

    // As long as a person takes to answer, and both paths are up.
    for (let look = 0; look < 4; look += 1) {
      await jenny.page.waitForTimeout(500);
      expect(await jenny.received()).toEqual({ audioBytes: 0, videoFrames: 0 });
      expect(await alice.received()).toEqual({ audioBytes: 0, videoFrames: 0 });
    }

    await jenny.accept({ video: true });
    await Promise.all([jenny.expectToHear('alice'), alice.expectToSee('green')]);
    expect((await jenny.received()).audioBytes).toBeGreaterThan(0);
  });

  test('[SP22] a call that is declined has opened nothing, and what the caller opened is closed', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny', { video: true });
    await jenny.button('decline').click();

    await expect(alice.lastCall).toBeVisible();
    expect(await jenny.asked()).toEqual([]);
    await expect.poll(() => alice.lights()).toEqual([]);
  });
});

test.describe('a microphone that may not be used', () => {
  test('[CS34] the caller is told so, and nobody is joined to silence', async ({ phones }) => {
    const alice = await phones.open('alice', { browser: { isDenied: true } });
    const jenny = await phones.open('jenny');

    await alice.dial('jenny');

    await alice.expectEnded({ reason: 'microphone', by: 'local', error: 'microphone-denied' });
    await expect(alice.lastCall).toContainText('microphone');
    await expect(alice.problem).toContainText('site settings');
    await expect(jenny.incoming).toBeHidden();
  });

  test('[CS24] the person called is told so, nothing is answered, and it rings on', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { browser: { isDenied: true } });
    await alice.dial('jenny');

    await jenny.accept();

    await expect(jenny.problem).toContainText('site settings');
    await expect(jenny.incoming).toBeVisible();
    await expect(alice.button('call-status')).toHaveText('Ringing…');
    await jenny.button('decline').click();
    await alice.expectEnded({ reason: 'rejected' });
  });
});
