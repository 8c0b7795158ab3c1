import { networkInterfaces } from 'node:os';
import { Gateway } from '../support/gateway.ts';
import { expect, test } from '../support/test.ts';

test.describe('what a browser does not give', () => {
  test('[RY41] no microphone on this machine: who calls gives up, who is called may listen', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { browser: { hasDevices: false } });
    await jenny.dial('alice');
    await jenny.expectEnded({ reason: 'microphone', by: 'local', error: 'microphone-not-found' });
    await expect(alice.incoming).toBeHidden();

    await alice.dial('jenny');
    await jenny.expectRinging('alice');
    await expect(jenny.button('listen')).toBeHidden();
    await jenny.accept();
    await expect(jenny.problem).toContainText('There is no microphone');
    await jenny.expectRinging('alice');
    await jenny.button('listen').click();
    await jenny.expectToHear('alice');
    expect(await jenny.lights()).toEqual([]);
    await alice.hangUp();
    await jenny.expectEnded({ reason: 'remote-hangup' });
  });

  test('[RY41] a microphone that another program has: accept rejects, and it rings on', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', {
      initScript: () => {
        const { mediaDevices, permissions } = navigator;
        mediaDevices.getUserMedia = () => Promise.reject(new DOMException('in use', 'NotReadableError'));
        // One that has yet to ask opens it before it answers.
        permissions.query = () => Promise.reject(new TypeError('not told'));
      },
    });
    await alice.dial('jenny');
    await jenny.expectRinging('alice');
    expect(await jenny.acceptInConsole()).toBe('microphone-in-use');
    await jenny.expectRinging('alice');
    expect(await alice.endings()).toEqual([]);
    await jenny.button('decline').click();
    await alice.expectEnded({ reason: 'rejected' });
  });

  test('[RY41] a page without https: both accept and connect say that it is that', async ({
    phones,
    webhooks,
  }) => {
    const address = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    // Every machine that runs these tests has one: Firefox reaches the SFU on no other.
    if (address === undefined) throw new Error('this machine has no address but its own');
    await using gateway = await Gateway.start({
      PARLEY_HOST: address,
      PARLEY_VOICE_URL: webhooks.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
    });
    const alice = await phones.open('alice', { url: gateway.url });
    const jenny = await phones.open('jenny', { url: gateway.url });
    expect(await jenny.page.evaluate(() => isSecureContext)).toBe(false);
    await alice.dial('jenny');
    await alice.expectEnded({ reason: 'microphone', by: 'local', error: 'insecure-context' });

    await alice.page.evaluate(() => window.parleyDevice?.connect({ to: 'jenny', microphone: false }));
    await jenny.expectRinging('alice');
    expect(await jenny.acceptInConsole()).toBe('insecure-context');
    await jenny.expectRinging('alice');
    await jenny.button('decline').click();
    await alice.expectEnded({ reason: 'rejected' });
    for (const phone of [alice, jenny]) await phone.close();
  });
});
