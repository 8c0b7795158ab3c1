import { expect, test } from '../support/test.ts';

test.describe('an audio call', () => {
  test('[CL1] two people hear one another, and nobody sees anybody', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');

    await alice.dial('jenny');
    await jenny.expectRinging('alice');
    await jenny.accept();

    await Promise.all([alice.expectTalking(), jenny.expectTalking()]);
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    expect(await alice.sees()).toBe('nothing');
    expect(await jenny.sees()).toBe('nothing');
    await expect.poll(() => alice.lights()).toEqual(['microphone']);
    await expect.poll(() => jenny.lights()).toEqual(['microphone']);
  });

  test('[SP8] it rings at both ends, audibly, and goes quiet when it is answered', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');

    await alice.dial('jenny');
    await expect(alice.button('call-status')).toHaveText('Ringing…');
    await Promise.all([alice.expectToHear('ringback'), jenny.expectToHear('ringtone')]);

    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await expect(alice.button('call-status')).toBeEmpty();
    // With the other side silent, a ringing tone that went on would be heard: its period is four seconds.
    await jenny.button('mute').click();
    await alice.expectToHear('silence');
    for (let second = 0; second < 5; second += 1) {
      expect(await alice.hears()).not.toBe('ringback');
      await alice.page.waitForTimeout(600);
    }
  });

  test('[SP24] who mutes is not heard, until they unmute', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('jenny');

    await jenny.button('mute').click();
    await alice.expectToHear('silence');
    await expect(jenny.button('mute')).toHaveAttribute('aria-pressed', 'true');
    await jenny.expectToHear('alice');

    await jenny.button('mute').click();
    await alice.expectToHear('jenny');
    await expect(jenny.button('mute')).toHaveAttribute('aria-pressed', 'false');
  });

  test('[CL3] [C18] what the document adds to the name reaches the person called', async ({
    phones,
    webhooks,
  }) => {
    // The bare & is how RestComm's own pages write it.
    webhooks.on(
      '/voice',
      '<Response><Dial><Client>jenny?X-Account=42&X-Tier=gold%20plus</Client></Dial></Response>',
    );
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');

    await alice.dial('support');
    await jenny.expectRinging('alice');

    expect(await jenny.customParameters()).toEqual({ 'X-Account': '42', 'X-Tier': 'gold plus' });
  });
});
