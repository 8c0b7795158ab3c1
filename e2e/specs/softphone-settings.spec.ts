import { accessibilityFaults } from '../support/accessibility.ts';
import { expect, test } from '../support/test.ts';

test.describe('what the softphone remembers, and how it looks', () => {
  test('[SP31] a missed call is listed with why, survives a reload, is called again, and is forgotten', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.expectRinging('alice');
    await alice.hangUp();
    await jenny.expectEnded({ reason: 'cancelled' });

    await jenny.page.reload();
    await jenny.signedIn();
    await jenny.button('tab-recent').click();
    await expect(jenny.button('history')).toContainText('alice');
    await expect(jenny.button('history')).toContainText('just now');
    expect(await accessibilityFaults(jenny.page)).toEqual([]);

    await jenny.page.getByRole('button', { name: 'Call alice again' }).first().click();
    await alice.expectRinging('jenny');
    await alice.button('decline').click();
    await jenny.expectEnded({ reason: 'rejected' });
    await jenny.button('forget-history').click();
    await expect(jenny.button('history')).toBeHidden();
  });

  test('[SP32] the settings keep the focus inside, are left by Escape, and dark stays dark after a reload', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const background = (): Promise<string> =>
      alice.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();

    await alice.button('settings').focus();
    await alice.page.keyboard.press('Enter');
    await expect(alice.button('settings-dialog')).toBeVisible();
    await alice.page.getByRole('radio', { name: 'Dark' }).check();
    await expect.poll(background).not.toBe(light);
    expect(await accessibilityFaults(alice.page)).toEqual([]);
    await alice.page.keyboard.press('Escape');
    await expect(alice.button('settings-dialog')).toBeHidden();
    await expect(alice.button('settings')).toBeFocused();

    const dark = await background();
    await alice.page.reload();
    await alice.signedIn();
    expect(await background()).toBe(dark);
  });

  test('[SP32] a call that comes in closes the settings', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await jenny.button('settings').click();
    await expect(jenny.button('settings-dialog')).toBeVisible();

    await alice.dial('jenny');

    await jenny.expectRinging('alice');
    await expect(jenny.button('settings-dialog')).toBeHidden();
    await jenny.button('decline').click();
    await alice.expectEnded({ reason: 'rejected' });
  });

  test('[SP33] it can be installed, and opens while the gateway is away', async ({ phones }) => {
    const alice = await phones.open('alice');
    const cdp = await alice.page.context().newCDPSession(alice.page);
    const { errors } = await cdp.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    await alice.page.evaluate(() => navigator.serviceWorker.ready);
    // The first visit fetched its files before there was a worker to keep them.
    await alice.page.reload();
    await alice.signedIn();

    await alice.signOut();

    await alice.page.context().setOffline(true);
    await alice.page.goto(new URL('/', alice.page.url()).href);

    await expect(alice.button('sign-in')).toBeVisible();
    await alice.page.context().setOffline(false);
  });
});
