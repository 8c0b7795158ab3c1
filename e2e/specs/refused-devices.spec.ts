import { networkInterfaces } from 'node:os';
import type { Page } from '@playwright/test';
import { Gateway } from '../support/gateway.ts';
import { expect, test } from '../support/test.ts';

/** As much of a device as sounds. */
interface Sounding {
  readonly playback: { unlock(): Promise<boolean> };
  readonly audio: { readonly speakerDevices: { test(): Promise<void> } };
}

/** How loud what the browser decodes is, as it counts itself. */
function decodedLevel(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const call = window.parleyDevice?.activeCall as unknown as
      | { getStats(): Promise<{ readonly recv: RTCStatsReport | null }> }
      | undefined;
    const stats = await call?.getStats();
    const entries = [...((stats?.recv?.values() ?? []) as Iterable<{ type: string; audioLevel?: number }>)];
    return entries.find(({ type }) => type === 'inbound-rtp')?.audioLevel ?? 0;
  });
}

test.describe('what a browser does not give', () => {
  for (const browser of ['chromium', 'firefox'] as const) {
    test(`[RY41] no microphone on a machine with ${browser}: who calls gives up, who is called may listen`, async ({
      phones,
    }) => {
      const isFirefox = browser === 'firefox';
      const alice = await phones.open('alice');
      const jenny = await phones.open('jenny', { isFirefox, browser: { hasDevices: false } });
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
      // A Firefox without a sound card runs no audio context, with which the others are listened to.
      if (isFirefox) await expect.poll(() => decodedLevel(jenny.page)).toBeGreaterThan(0.01);
      else await jenny.expectToHear('alice');
      await expect.poll(() => jenny.lights()).toEqual([]);
      await alice.hangUp();
      await jenny.expectEnded({ reason: 'remote-hangup' });
    });
  }

  test('[RY63] nothing to play sound on: playback and the test of a loudspeaker say so, and wait for ever for nothing', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { isFirefox: true, browser: { hasDevices: false } });
    await alice.dial('jenny');
    await jenny.expectRinging('alice');
    const said = await jenny.page.evaluate(async () => {
      const { playback, audio } = window.parleyDevice as unknown as Sounding;
      const errorName = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : 'unknown');
      return {
        isUnlocked: await playback.unlock(),
        test: await audio.speakerDevices.test().then(() => 'played', errorName),
      };
    });
    expect(said).toEqual({ isUnlocked: false, test: 'speaker-failed' });
    await jenny.button('decline').click();
    await alice.expectEnded({ reason: 'rejected' });
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
