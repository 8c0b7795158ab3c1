import { Gateway } from '../support/gateway.ts';
import { installProbe } from '../support/page-probe.ts';
import { demoToken, SdkPageFolder } from '../support/sdk-page.ts';
import { expect, test, type Phones } from '../support/test.ts';

async function talking(phones: Phones) {
  const alice = await phones.open('alice');
  const jenny = await phones.open('jenny');
  await alice.dial('jenny');
  await jenny.accept();
  await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
  return { alice, jenny };
}

test.describe('the end of a call', () => {
  test('[SP13] the caller hangs up: both know who it was, and every light goes out', async ({ phones }) => {
    const { alice, jenny } = await talking(phones);

    await alice.hangUp();

    const end = await jenny.expectEnded({ reason: 'remote-hangup', by: 'remote' });
    await alice.expectEnded({ reason: 'hangup', by: 'local' });
    expect(end.durationMs).toBeGreaterThan(0);
    await expect(jenny.lastCall).toContainText('alice hung up');
    await expect(alice.lastCall).toContainText('You hung up');
    expect([await alice.lights(), await jenny.lights()]).toEqual([[], []]);
  });

  test('[SP13] the person called hangs up: both know who it was, and every light goes out', async ({
    phones,
  }) => {
    const { alice, jenny } = await talking(phones);

    await jenny.hangUp();

    await alice.expectEnded({ reason: 'remote-hangup', by: 'remote' });
    await jenny.expectEnded({ reason: 'hangup', by: 'local' });
    await expect(alice.lastCall).toContainText('jenny hung up');
    expect([await alice.lights(), await jenny.lights()]).toEqual([[], []]);
  });

  test('[D2] declined: the caller is told so, and hears that nobody will come', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');

    await jenny.button('decline').click();

    await alice.expectEnded({ reason: 'rejected', by: 'remote', durationMs: 0 });
    await jenny.expectEnded({ reason: 'rejected', by: 'local' });
    await expect(alice.lastCall).toContainText('jenny declined the call');
    await expect(jenny.lastCall).toContainText('You declined');
    expect(await jenny.asked()).toEqual([]);
    await expect.poll(() => alice.lights()).toEqual([]);
  });

  test('[D16] [C24] the caller gives up: it stops ringing, and the call is missed', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.expectRinging('alice');
    await expect(alice.button('call-status')).toHaveText('Ringing…');

    await alice.hangUp();

    await jenny.expectEnded({ reason: 'cancelled', by: 'remote' });
    await alice.expectEnded({ reason: 'cancelled', by: 'local' });
    await expect(jenny.incoming).toBeHidden();
    await expect(jenny.lastCall).toContainText('alice gave up before you answered');
    await jenny.expectToHear('silence');
  });

  test('[D15] [C13] nobody answers in time: both are told, after as long as the document says', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Dial timeout="3"><Client>jenny</Client></Dial></Response>');
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');

    const dialledAtMs = Date.now();
    await alice.dial('jenny');
    await jenny.expectRinging('alice');

    await alice.expectEnded({ reason: 'no-answer', by: 'server' });
    expect(Date.now() - dialledAtMs).toBeGreaterThanOrEqual(3_000);
    await jenny.expectEnded({ reason: 'no-answer', by: 'server' });
    await expect(alice.lastCall).toContainText('jenny did not answer');
    await expect(jenny.lastCall).toContainText('You did not answer');
  });

  test('[D7] somebody who is signed in nowhere: the caller is told at once', async ({ phones }) => {
    const alice = await phones.open('alice');

    await alice.dial('nobody');

    await alice.expectEnded({ reason: 'not-registered', by: 'server' });
    await expect(alice.lastCall).toContainText('nobody is not signed in anywhere');
    await expect.poll(() => alice.lights()).toEqual([]);
  });

  test('[D15] [C20] an application that rejects: busy is what the caller is told', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Reject reason="busy"/></Response>');
    const alice = await phones.open('alice');

    await alice.dial('jenny');

    await alice.expectEnded({ reason: 'busy' });
  });

  test('[SP13] [C22] the time limit of the document ends the call for both, and says that it was that', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Dial timeLimit="3"><Client>jenny</Client></Dial></Response>');
    const { alice, jenny } = await talking(phones);

    await jenny.expectEnded({ reason: 'time-limit', by: 'server' });
    await expect(jenny.lastCall).toContainText('time limit');
    await expect(alice.call).toBeHidden();
  });

  test('[SS7] a window that is closed ends its call, and the other is told within a moment', async ({
    phones,
  }) => {
    const { alice, jenny } = await talking(phones);

    await alice.close();

    await jenny.expectEnded({ reason: 'remote-hangup' });
    await expect(jenny.lastCall).toContainText('alice hung up');
  });
});

test.describe('a first call that is hung up while the page still loads what calls need', () => {
  test('[CS71] calls nobody, opens nothing and leaves nothing; the next one rings', async ({
    application,
    usualBrowser,
    webhooks,
  }) => {
    using folder = await SdkPageFolder.build();
    await using gateway = await Gateway.start({
      PARLEY_SOFTPHONE: folder.path,
      PARLEY_VOICE_URL: application.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
    });
    const open = async (name: 'alice' | 'jenny') => {
      const page = await (await (await usualBrowser(name)).newContext()).newPage();
      await page.addInitScript(installProbe);
      await page.goto(gateway.url);
      return page;
    };
    const [alice, jenny] = [await open('alice'), await open('jenny')];
    await jenny.evaluate(
      async (token) => {
        if (window.sdk === undefined) throw new Error('this page does not hold the SDK');
        window.device = new window.sdk.Device(token, { sounds: false });
        const rang = document.createElement('ol');
        document.body.append(rang);
        window.device.on('incoming', () => rang.append(document.createElement('li')));
        await window.device.register();
      },
      await demoToken(gateway.url, 'jenny'),
    );
    const outcome = await alice.evaluate(
      async (token) => {
        if (window.sdk === undefined) throw new Error('this page does not hold the SDK');
        window.device = new window.sdk.Device(token, { sounds: false });
        const asked = window.device.connect({ to: 'jenny' }).then(
          () => 'a call',
          (error: Error) => error.name,
        );
        window.device.disconnectAll();
        await window.device.register();
        return asked;
      },
      await demoToken(gateway.url, 'alice'),
    );
    expect(outcome).toBe('aborted');
    expect(await alice.evaluate(() => window.probe.open())).toEqual([]);

    // What comes after it on the same socket has come; so nothing of the first is still to come.
    await alice.evaluate(() => window.device?.connect({ to: 'jenny' }));
    await expect(jenny.locator('li')).toHaveCount(1);
    expect(webhooks.requests('/voice')).toHaveLength(1);
    expect(await gateway.holds()).toMatchObject({ calls: 1, devices: 2 });
    await alice.evaluate(() => window.device?.disconnectAll());
    await expect.poll(() => gateway.holds()).toMatchObject({ calls: 0, rooms: 0, transports: 0 });
    for (const page of [alice, jenny]) await page.context().close();
  });
});
