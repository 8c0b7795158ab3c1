import { Gateway } from '../support/gateway.ts';
import { expect, test } from '../support/test.ts';

test.describe('a call when something breaks', () => {
  test('[CS43] signaling is lost for a while: nobody hears a gap, and afterwards the call can be ended', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);

    await alice.page.context().setOffline(true);
    // Each look is half a second, and one that hears nothing fails at once.
    await expect(alice.button('trouble')).toContainText('reconnecting');
    for (let look = 0; look < 3; look += 1) {
      expect(await Promise.all([jenny.hears(), alice.hears()])).toEqual(['alice', 'jenny']);
    }
    await alice.page.context().setOffline(false);

    await expect(alice.button('trouble')).toBeHidden();
    expect(await Promise.all([jenny.hears(), alice.hears()])).toEqual(['alice', 'jenny']);
    await expect(alice.button('status')).toHaveText('In a call');
    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[MP20] the SFU dies under a call: both hear and see one another again by themselves', async ({
    phones,
    gateway,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny', { video: true });
    await jenny.accept({ video: true });
    await Promise.all([alice.expectToSee('green'), jenny.expectToSee('red')]);

    const restarts = await gateway.mediaWorkerRestarts();
    gateway.killMediaWorkers();
    await expect.poll(() => gateway.mediaWorkerRestarts()).toBe(restarts + 1);

    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await Promise.all([alice.expectToSee('green'), jenny.expectToSee('red')]);
    expect([await alice.endings(), await jenny.endings()]).toEqual([[], []]);
    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[RY8] the gateway is started anew: both are registered again by themselves, and the call has ended truthfully', async ({
    phones,
    webhooks,
  }, testInfo) => {
    const settings = {
      PARLEY_DATA: testInfo.outputPath('data'),
      PARLEY_VOICE_URL: webhooks.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
    };
    await using before = await Gateway.start(settings);
    const { url } = before;
    const alice = await phones.open('alice', { url });
    const jenny = await phones.open('jenny', { url });
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);

    await before.crash();
    await expect(alice.button('trouble')).toContainText('reconnecting');
    await using after = await Gateway.start({ ...settings, PARLEY_PORT: new URL(url).port });
    expect(after.url).toBe(url);

    for (const phone of [alice, jenny]) {
      await phone.expectEnded({ reason: 'network', by: 'server', error: 'resume-refused' });
      await phone.expectToHear('silence');
      await expect(phone.button('status')).toHaveAttribute('data-state', 'registered');
    }
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await alice.hangUp();
    await jenny.expectEnded({ reason: 'remote-hangup' });
    for (const phone of [alice, jenny]) await phone.close();
  });
});
