import type { Browser, Page } from '@playwright/test';
import { launchChromium, launchFirefox } from '../support/browsers.ts';
import { Gateway } from '../support/gateway.ts';
import { Network } from '../support/network.ts';
import { installProbe } from '../support/page-probe.ts';
import { demoToken, preflight, SdkPageFolder } from '../support/sdk-page.ts';
import { expect, test } from '../support/test.ts';
import { TurnServer } from '../support/turn-server.ts';

/** As much of a call as is looked at here. */
interface Call {
  on(name: 'warning' | 'warning-cleared', listener: (warning: { readonly name: string }) => void): void;
  readonly store: { getSnapshot(): { readonly quality: { readonly level: string } | null } };
  exportTrace(): Promise<Blob>;
}

test.describe('the quality of a call', () => {
  test('[QY16] 20 % loss is warned of by name in Chromium and in Firefox, and cleared when it is over; the trace of it holds no secret', async ({
    phones,
    gateway,
  }) => {
    test.slow();
    await using network = await Network.start(gateway.url);
    const alice = await phones.open('alice', { url: network.url });
    const jenny = await phones.open('jenny', { url: network.url, isFirefox: true });
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('firefox');
    for (const { page } of [alice, jenny]) await listenForWarnings(page);
    for (const { page } of [alice, jenny]) await expect.poll(() => levelOf(page)).toMatch(/excellent|good/);

    network.lossPercent = 20;
    for (const { page } of [alice, jenny]) {
      await expect.poll(() => warningsOf(page), { timeout: 20_000 }).toContain('+high-packet-loss');
      await expect.poll(() => levelOf(page)).toMatch(/fair|poor/);
    }
    network.lossPercent = 0;
    for (const { page } of [alice, jenny])
      await expect.poll(() => warningsOf(page), { timeout: 25_000 }).toContain('-high-packet-loss');

    for (const { page } of [alice, jenny]) {
      const trace = await traceOf(page);
      expect(trace).toContain('"format": "parley-trace"');
      expect(trace).not.toMatch(/eyJ|fingerprint|candidate|\d+\.\d+\.\d+\.\d+|sha-256|resumeToken/i);
    }
    await alice.hangUp();
    await jenny.expectEnded({ reason: 'remote-hangup' });
    // Before its network is taken down, or nobody would hear that they go.
    for (const phone of [alice, jenny]) await phone.close();
    await expect.poll(() => gateway.holds()).toMatchObject({ devices: 0 });
  });
});

function listenForWarnings(page: Page): Promise<void> {
  return page.evaluate(() => {
    const call = window.parleyDevice?.activeCall as unknown as Call | undefined;
    const told: string[] = [];
    Object.assign(window, { told });
    call?.on('warning', ({ name }) => told.push(`+${name}`));
    call?.on('warning-cleared', ({ name }) => told.push(`-${name}`));
  });
}

function warningsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { told: string[] }).told);
}

function levelOf(page: Page): Promise<string | undefined> {
  return page.evaluate(
    () =>
      (window.parleyDevice?.activeCall as unknown as Call | undefined)?.store.getSnapshot().quality?.level,
  );
}

function traceOf(page: Page): Promise<string | undefined> {
  return page.evaluate(async () =>
    (await (window.parleyDevice?.activeCall as unknown as Call | undefined)?.exportTrace())?.text(),
  );
}

test.describe('a call through a TURN server', () => {
  test('[QY4] with the relay as the only way two people hear one another, and are told that it is in use', async ({
    media,
  }) => {
    using folder = await SdkPageFolder.build();
    await using turn = await TurnServer.start();
    await using gateway = await Gateway.start({
      PARLEY_SOFTPHONE: folder.path,
      PARLEY_PEER_CALLS: 'on',
      PARLEY_DEMO: 'on',
      PARLEY_TURN_URLS: turn.url,
      PARLEY_TURN_SECRET: turn.secret,
    });
    await using alices = await launchChromium(media.of('alice'));
    await using jennys = await launchChromium(media.of('jenny'));
    const open = async (browser: Browser, name: string): Promise<Page> => {
      const page = await browser.newPage();
      await page.addInitScript(installProbe);
      await page.goto(gateway.url);
      await page.evaluate(
        async (token) => {
          if (window.sdk === undefined) throw new Error('this page does not hold the SDK');
          const device = new window.sdk.Device(token, { iceTransportPolicy: 'relay', sounds: false });
          device.on('incoming', (call) => void call.accept());
          await device.register();
          window.device = device;
        },
        await demoToken(gateway.url, name),
      );
      return page;
    };
    const alice = await open(alices, 'alice');
    const jenny = await open(jennys, 'jenny');
    const seen = await alice.evaluate(async () => {
      const call = await window.device?.connect({ to: 'jenny' });
      if (call === undefined) throw new Error('no call');
      const warnings: string[] = [];
      call.on('warning', ({ name }) => warnings.push(name));
      for await (const { path } of call.samples()) {
        if (path !== null && warnings.includes('relay-in-use')) return { way: path.localType, warnings };
      }
      throw new Error('the call ended before it was seen');
    });
    expect(seen).toMatchObject({ way: 'relay' });
    const hears = async (page: Page): Promise<number> =>
      (await page.evaluate(() => window.probe.listen())).level;
    await expect.poll(() => hears(alice)).toBeGreaterThan(0.01);
    await expect.poll(() => hears(jenny)).toBeGreaterThan(0.01);

    const line = await preflight(alice, await demoToken(gateway.url, 'alice'));
    expect(line).toMatchObject({ verdict: 'pass', checks: { turn: 'passed' }, isTurnNeeded: false });
    await Promise.all([alice, jenny].map((page) => page.evaluate(() => window.device?.destroy())));
  });
});

test.describe('a preflight check', () => {
  for (const name of ['chromium', 'firefox'])
    test(`[QY24] passes on a good line in ${name}, by every way, and leaves nothing open`, async ({
      media,
    }) => {
      using folder = await SdkPageFolder.build();
      await using gateway = await Gateway.start({ PARLEY_SOFTPHONE: folder.path });
      await using browser = await (name === 'firefox' ? launchFirefox() : launchChromium(media.of('alice')));
      const page = await browser.newPage();
      await page.addInitScript(installProbe);
      await page.goto(gateway.url);

      const report = await preflight(page, await demoToken(gateway.url, 'alice'), { video: true });
      expect(report).toMatchObject({
        verdict: 'pass',
        reasons: [],
        checks: {
          microphone: 'passed',
          camera: 'passed',
          gateway: 'passed',
          udp: 'passed',
          tcp: 'passed',
          turn: 'skipped',
          echo: 'passed',
        },
        path: 'udp',
        isTurnNeeded: false,
        left: 0,
      });
      expect(report.samples).toBeGreaterThanOrEqual(2);
      expect(report.mos).toBeGreaterThan(3.6);
      expect(report.progress).toContain('sample');
      await expect
        .poll(() => gateway.holds(), 'nothing is left at the gateway')
        .toEqual({ calls: 0, devices: 0, rooms: 0, transports: 0 });
    });

  test('[QY24] names what is wrong: a microphone that is refused, a token that is none', async ({
    media,
  }) => {
    using folder = await SdkPageFolder.build();
    await using gateway = await Gateway.start({ PARLEY_SOFTPHONE: folder.path });
    await using browser = await launchChromium(media.of('alice'), { isDenied: true });
    const page = await browser.newPage();
    await page.addInitScript(installProbe);
    await page.goto(gateway.url);

    const denied = await preflight(page, await demoToken(gateway.url, 'alice'));
    expect(denied).toMatchObject({ verdict: 'fail', reasons: ['microphone-denied'], left: 0 });
    expect(denied.checks).toMatchObject({ microphone: 'microphone-denied', udp: 'passed', echo: 'passed' });

    const stranger = await preflight(page, 'no token', { microphone: false });
    expect(stranger).toMatchObject({ verdict: 'fail', reasons: ['token-invalid'], left: 0 });
    expect(stranger.checks).toMatchObject({ gateway: 'token-invalid', udp: 'skipped', echo: 'skipped' });
  });

  test('[QY24] names what is wrong: the media port cannot be reached', async ({ media }) => {
    using folder = await SdkPageFolder.build();
    // Browsers are told an address at which there is nobody.
    await using gateway = await Gateway.start({
      PARLEY_SOFTPHONE: folder.path,
      PARLEY_ANNOUNCED_ADDRESS: '203.0.113.1',
    });
    await using browser = await launchChromium(media.of('alice'));
    const page = await browser.newPage();
    await page.addInitScript(installProbe);
    await page.goto(gateway.url);

    const report = await preflight(page, await demoToken(gateway.url, 'alice'));
    expect(report).toMatchObject({ verdict: 'fail', reasons: ['no-way'], path: null, left: 0 });
    expect(report.checks).toMatchObject({ gateway: 'passed', udp: 'no-way', tcp: 'no-way', echo: 'no-way' });
  });
});
