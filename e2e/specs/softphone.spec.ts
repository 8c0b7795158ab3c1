import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';
import { accessibilityFaults } from '../support/accessibility.ts';

const STRICT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "worker-src 'self'; manifest-src 'self'; base-uri 'none'";
const PHONE_SIZED = { width: 390, height: 844 };

test.describe('the softphone by keyboard', () => {
  test('[SP7] [SP10] a whole call without a pointer', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    const keys = alice.page.keyboard;

    await tabTo(alice.page, alice.button('dial'));
    await keys.type('jenny');
    await keys.press('Enter');
    await jenny.expectRinging('alice');
    await jenny.page.keyboard.press('a');
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);

    await keys.press('m');
    await jenny.expectToHear('silence');
    await keys.press('m');
    await jenny.expectToHear('alice');
    await keys.press('k');
    await keys.type('42#');
    await expect(alice.button('digits')).toHaveText('42#');
    await keys.press('Escape');
    await expect(alice.button('digits')).toBeHidden();
    await expect(alice.call).toBeVisible();
    await keys.press('h');

    await alice.expectEnded({ reason: 'hangup' });
    await jenny.expectEnded({ reason: 'remote-hangup' });
  });

  test('[SP7] Shift and Enter call with video, V answers with it, C closes the camera', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');

    await alice.button('dial').pressSequentially('je');
    await alice.page.keyboard.press('ArrowDown');
    await expect(alice.page.getByRole('option', { selected: true })).toContainText('jenny');
    await expect(alice.button('dial')).toBeFocused();
    await alice.page.keyboard.press('Shift+Enter');
    await jenny.expectRinging('alice');
    await jenny.page.keyboard.press('v');
    await Promise.all([alice.expectToSee('green'), jenny.expectToSee('red')]);

    await jenny.page.keyboard.press('c');
    await alice.expectToSee('nothing');
    await expect.poll(() => jenny.lights()).toEqual(['microphone']);
  });

  test('[SP19] [SP20] a call that comes in while somebody types is not answered by what they type', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await jenny.button('dial').focus();
    await alice.dial('jenny');
    await jenny.expectRinging('alice');

    await expect(jenny.button('dial')).toBeFocused();
    await jenny.page.keyboard.type('advhi');
    await expect(jenny.button('dial')).toHaveValue('advhi');
    await expect(jenny.incoming).toBeVisible();

    await jenny.button('shortcuts').uncheck();
    await jenny.incoming.focus();
    await jenny.page.keyboard.press('a');
    await expect(jenny.incoming).toBeVisible();
    expect(await jenny.asked()).toEqual([]);
  });

  test('[SP20] the card of a call has the focus, and no button does: a space answers nothing', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');

    await expect(jenny.incoming).toBeFocused();
    await jenny.page.keyboard.press('Space');
    await expect(jenny.incoming).toBeVisible();
    await jenny.page.keyboard.press('d');
    await alice.expectEnded({ reason: 'rejected' });
  });

  test('[SP27] after a call the focus is on the line that says why it ended', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectTalking();

    await jenny.hangUp();

    await expect(alice.lastCall).toBeFocused();
    await expect(jenny.lastCall).toBeFocused();
  });
});

test.describe('the softphone on the screen', () => {
  test('[SP4] a name in the address signs in; signing out takes it away and nobody can call', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await expect(alice.button('presence')).toContainText('jenny');

    await jenny.signOut();

    expect(new URL(jenny.page.url()).search).toBe('');
    await alice.dial('jenny');
    await alice.expectEnded({ reason: 'not-registered' });
  });

  test('[SP6] everybody is listed with how they stand, and goes with their page', async ({ phones }) => {
    const alice = await phones.open('alice');
    const bob = await phones.open('bob');
    const jenny = await phones.open('jenny');
    const people = alice.button('presence').getByRole('listitem');
    await expect(people).toHaveText([/bob.*Available/s, /jenny.*Available/s]);

    await bob.dial('jenny');
    await jenny.accept();
    await expect(people).toHaveText([/bob.*In a call/s, /jenny.*In a call/s]);
    await jenny.hangUp();
    await expect(people).toHaveText([/bob.*Available/s, /jenny.*Available/s]);
    await bob.close();
    await expect(people).toHaveText([/jenny.*Available/s]);
  });

  test('[SP26] on a small screen the call covers the page, and Tab does not reach what is covered', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { viewport: PHONE_SIZED });
    await alice.dial('jenny', { video: true });
    await jenny.expectRinging('alice');
    expect(await reachableByTab(jenny.page)).not.toContain('dial');

    await jenny.accept({ video: true });
    await jenny.expectToSee('red');
    expect(await reachableByTab(jenny.page)).not.toContain('dial');
    expect(await jenny.call.boundingBox()).toMatchObject(PHONE_SIZED);

    await jenny.hangUp();
    expect(await reachableByTab(jenny.page)).toContain('dial');
  });

  test('[SP25] where the browser keeps the page silent, one click makes it heard', async ({ phones }) => {
    const alice = await phones.open('alice');
    // The page answers by itself: whatever a test does in a page counts as a touch, and with that it may play.
    const jenny = await phones.load('jenny', {
      browser: { mayPlayUnasked: false },
      initScript: () => {
        const timer = setInterval(() => {
          const device = window.parleyDevice;
          const [call] = device?.store.getSnapshot().calls ?? [];
          if (call === undefined) return;
          clearInterval(timer);
          void (call as unknown as { accept(options: object): Promise<void> }).accept({ microphone: false });
        }, 50);
      },
    });
    await expect(alice.button('presence')).toContainText('jenny');

    await alice.dial('jenny');
    await alice.expectTalking();
    // Time for her page to try, untouched.
    await alice.page.waitForTimeout(1_000);

    await expect(jenny.button('unblock')).toBeVisible();
    await expect(jenny.button('hangup')).toBeEnabled();
    expect(await jenny.hears()).toBe('silence');
    await jenny.button('unblock').click();
    await jenny.expectToHear('alice');
    await expect(jenny.button('unblock')).toBeHidden();
  });

  test('[SP28] the page loads and calls under a policy that allows nothing foreign and nothing inline', async ({
    phones,
    gateway,
  }) => {
    const response = await fetch(gateway.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");

    // That no page complains of its policy is what every test of this suite checks; this is the strictest one.
    const alice = await phones.open('alice', { policy: STRICT_POLICY });
    const jenny = await phones.open('jenny', { policy: STRICT_POLICY });
    await alice.dial('jenny', { video: true });
    await jenny.accept({ video: true });
    await Promise.all([alice.expectToSee('green'), jenny.expectToHear('alice')]);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`[SP29] [SP30] nobody is shut out of any screen, ${colorScheme}`, async ({ phones }) => {
      const alice = await phones.open('alice');
      const jenny = await phones.open('jenny', { viewport: PHONE_SIZED });
      const both = [alice, jenny];
      for (const { page } of both) await page.emulateMedia({ colorScheme });
      const check = async (screen: string): Promise<void> => {
        for (const { page, name } of both) {
          expect(await accessibilityFaults(page), `${name}, ${screen}`).toEqual([]);
          expect(await smallButtons(page), `${name}, ${screen}`).toEqual([]);
        }
      };

      await check('idle');
      await alice.dial('jenny', { video: true });
      await jenny.expectRinging('alice');
      await check('ringing');
      await jenny.accept({ video: true });
      await Promise.all([alice.expectToSee('green'), jenny.expectToSee('red')]);
      await check('in a video call');
      for (const phone of both) {
        await phone.button('keypad').click();
        await phone.button('camera').click();
      }
      await Promise.all([alice.expectToSee('nothing'), jenny.expectToSee('nothing')]);
      await check('with the keypad open');
      await jenny.hangUp();
      await expect(alice.lastCall).toBeVisible();
      await check('after the call');
      await jenny.signOut();
      await check('signed out');
    });
  }
});

/** Presses Tab until this element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const isFocused = (): Promise<boolean> => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 30; presses += 1) {
    if (await isFocused()) return;
    await page.keyboard.press('Tab');
  }
  expect(await isFocused(), 'Tab reaches it').toBe(true);
}

/** The test ids of everything that Tab comes to, going round once. */
async function reachableByTab(page: Page): Promise<string[]> {
  const reached: string[] = [];
  for (let presses = 0; presses < 25; presses += 1) {
    await page.keyboard.press('Tab');
    reached.push(
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['testid'] ?? ''),
    );
  }
  return reached;
}

/** Buttons that a finger would miss. */
function smallButtons(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    Array.from(document.querySelectorAll<HTMLElement>('button, [role=button]'))
      .filter((button) => button.checkVisibility() && button.closest('[inert]') === null)
      .map((button) => ({ button, box: button.getBoundingClientRect() }))
      // Half a pixel is rounding.
      .filter(({ box }) => box.width < 43.5 || box.height < 43.5)
      .map(({ button, box }) => `${button.innerText || button.title}: ${box.width} × ${box.height}`),
  );
}
