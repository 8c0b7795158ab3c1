import { PhonePage } from '../support/phone-page.ts';
import { expect, test } from '../support/test.ts';

test.describe('a person with two pages open', () => {
  test('[RY20] one of them rings audibly, both show the call, and either may answer it', async ({
    phones,
    gateway,
  }) => {
    const alice = await phones.open('alice');
    const first = await phones.open('jenny', { deviceLabel: 'Laptop' });
    const second = await PhonePage.load(first.page.context(), gateway.url, 'jenny');
    await second.signedIn();
    await expect.poll(() => leads(second)).toBe(false);

    await alice.dial('jenny');
    await Promise.all([first.expectRinging('alice'), second.expectRinging('alice')]);
    await first.expectToHear('ringtone');
    for (let look = 0; look < 3; look += 1) expect(await second.hears()).toBe('silence');
    await second.accept();

    await Promise.all([alice.expectToHear('jenny'), second.expectToHear('alice')]);
    await first.expectEnded({
      reason: 'answered-elsewhere',
      elsewhere: { identity: 'jenny', deviceLabel: 'Laptop' },
    });
    await first.expectToHear('silence');
    await second.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[RY21] the one that rings is closed: the other rings in its place', async ({ phones, gateway }) => {
    const alice = await phones.open('alice');
    const first = await phones.open('jenny');
    const second = await PhonePage.load(first.page.context(), gateway.url, 'jenny');
    await second.signedIn();
    await expect.poll(() => leads(second)).toBe(false);
    await alice.dial('jenny');
    await first.expectToHear('ringtone');

    await first.page.close();

    await second.expectToHear('ringtone');
    expect(await leads(second)).toBe(true);
    await second.accept();
    await Promise.all([alice.expectToHear('jenny'), second.expectToHear('alice')]);
    await alice.hangUp();
    await second.expectEnded({ reason: 'remote-hangup' });
  });
});

const leads = (phone: PhonePage): Promise<boolean | undefined> =>
  phone.page.evaluate(() => window.parleyDevice?.isLeaderTab);

/** What kept the browser from keeping the page whole, in its own words. */
const whyLoadedAnew = (phone: PhonePage): Promise<string | null> =>
  phone.page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation') as readonly (PerformanceEntry & {
      readonly notRestoredReasons?: object | null;
    })[];
    const reasons = navigation?.notRestoredReasons ?? null;
    return 'isTheSamePage' in window ? null : JSON.stringify(reasons);
  });

test.describe('a page that goes into the back/forward cache', () => {
  test('[RY10] keeps its session, and rings for a call that came meanwhile when it is back', async ({
    phones,
    gateway,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { browser: { hasPageCache: true } });
    await jenny.engineReady();
    await jenny.page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
    await jenny.page.goto(`${gateway.url}/health`);
    await alice.dial('jenny');
    await expect(alice.call).toBeVisible();

    // A page that is back whole does not load again.
    await jenny.page.goBack({ waitUntil: 'commit' });

    expect(await whyLoadedAnew(jenny)).toBeNull();
    expect(await jenny.page.evaluate(() => 'isTheSamePage' in window)).toBe(true);
    await jenny.expectRinging('alice');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[LG11] is told to the document of who calls: it could not hear of the call', async ({
    phones,
    gateway,
    webhooks,
  }) => {
    const events = 'statusCallback="/events" statusCallbackEvent="completed"';
    const dial = `<Dial timeout="2" action="/after"><Client ${events}>jenny</Client></Dial>`;
    webhooks.on('/voice', `<Response>${dial}</Response>`);
    webhooks.on('/after', '<Response><Hangup/></Response>');
    webhooks.on('/events', '');
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { browser: { hasPageCache: true } });
    await jenny.engineReady();
    await jenny.page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
    await jenny.page.goto(`${gateway.url}/health`);
    await alice.dial('jenny');
    await alice.expectEnded({ reason: 'no-answer' });
    expect((await webhooks.request('/after')).params).toMatchObject({
      DialCallStatus: 'no-answer',
      DialDeviceState: 'suspended',
    });
    expect((await webhooks.request('/events')).params).toMatchObject({ DeviceState: 'suspended' });
    // It is back, and heard of again.
    await jenny.page.goBack({ waitUntil: 'commit' });
    expect(await whyLoadedAnew(jenny)).toBeNull();
  });

  test('[RY10] is kept also where its service worker is installed meanwhile', async ({ phones, gateway }) => {
    const jenny = await phones.open('jenny', {
      browser: { hasPageCache: true },
      initScript: () => {
        // A page without an address, as it is before the first, has none.
        const { serviceWorker } = navigator as { readonly serviceWorker?: ServiceWorkerContainer };
        if (serviceWorker === undefined) return;
        const register = serviceWorker.register.bind(serviceWorker);
        serviceWorker.register = (url) =>
          new Promise((resolve) => {
            addEventListener('install-now', () => resolve(register(url)), { once: true });
          });
      },
    });
    await jenny.engineReady();
    await jenny.page.evaluate(() => {
      Object.assign(window, { isTheSamePage: true });
      dispatchEvent(new Event('install-now'));
    });
    await jenny.page.goto(`${gateway.url}/health`);
    const isActive = async (): Promise<boolean> => {
      const registration = await navigator.serviceWorker.getRegistration();
      return registration?.active?.state === 'activated';
    };
    await expect.poll(() => jenny.page.evaluate(isActive), 'the worker is installed').toBe(true);
    await jenny.page.goBack({ waitUntil: 'commit' });
    expect(await whyLoadedAnew(jenny)).toBeNull();
  });

  test('[RY10] in the middle of a call ends it as if it were closed', async ({ phones, gateway }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { browser: { hasPageCache: true } });
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('jenny');

    await jenny.page.goto(`${gateway.url}/health`);

    await alice.expectEnded({ reason: 'remote-hangup', by: 'remote' });
  });
});

test.describe('a page that is reloaded in the middle of a call', () => {
  test('[RY15] is offered the call, muted as it was, and unmuted is heard', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await jenny.button('mute').click();
    await alice.expectToHear('silence');

    await jenny.page.reload();
    await expect(jenny.button('resumable')).toContainText('alice');
    expect(await jenny.asked()).toEqual([]);
    await jenny.button('resume').click();

    await jenny.expectToHear('alice');
    await alice.expectToHear('silence');
    await jenny.button('mute').click();
    await alice.expectToHear('jenny');
    expect(await alice.endings()).toEqual([]);
    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[RY16] may hang up instead, with no microphone opened for it', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await jenny.dial('alice');
    await alice.accept();
    await alice.expectToHear('jenny');

    await jenny.page.reload();
    await jenny.button('resume-hangup').click();

    await alice.expectEnded({ reason: 'remote-hangup' });
    await expect(jenny.button('resume')).toBeHidden();
    expect(await jenny.asked()).toEqual([]);
  });
});
