import { accessibilityFaults } from '../support/accessibility.ts';
import { expect, test } from '../support/test.ts';

test.describe('the softphone beside a call', () => {
  test('[SP35] [SP37] hold and take back by keyboard; a message comes while the chat is closed', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);

    await jenny.page.keyboard.press('p');
    await expect(alice.button('call-status')).toHaveText('You are on hold');
    await expect(jenny.button('call-status')).toHaveText('On hold');
    await jenny.page.keyboard.press('p');
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);

    await alice.page.keyboard.press('n');
    await expect(alice.button('chat-line')).toBeFocused();
    await alice.page.keyboard.type('Door code 4711');
    await alice.page.keyboard.press('Enter');
    await expect(jenny.button('chat')).toHaveAccessibleName('Chat, 1 unread');
    await jenny.button('chat').click();
    await expect(jenny.button('chat-lines')).toContainText('Door code 4711');
    await expect(jenny.button('chat')).toHaveAccessibleName('Chat');
    expect(await accessibilityFaults(jenny.page)).toEqual([]);
    await jenny.page.keyboard.press('Escape');
  });

  test('[SP36] a call is handed over by name, and two on hold are connected', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    const bob = await phones.open('bob');
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('jenny');

    await jenny.page.keyboard.press('t');
    await jenny.button('transfer-panel').getByRole('button', { name: /^bob/ }).click();
    await bob.expectRinging('alice');
    await bob.accept();
    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);
    await jenny.expectEnded({ reason: 'transferred' });

    // Bob asks jenny first this time, and then connects the two.
    await bob.dial('jenny');
    await jenny.accept();
    await Promise.all([bob.expectToHear('jenny'), jenny.expectToHear('bob')]);
    await expect(bob.button('held-calls')).toContainText('alice');
    expect(await accessibilityFaults(bob.page)).toEqual([]);
    await bob.page.keyboard.press('t');
    await bob.button('connect-both').click();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await bob.expectEnded({ reason: 'transferred' });
  });

  test('[SP38] video is asked for, and no camera opens before the answer', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('jenny');

    await alice.page.keyboard.press('c');
    await expect(jenny.button('video-question')).toContainText('alice would like to make this a video call');
    expect(await accessibilityFaults(jenny.page)).toEqual([]);
    await expect.poll(() => alice.lights()).toEqual(['microphone']);
    await expect.poll(() => jenny.lights()).toEqual(['microphone']);

    await jenny.button('video-accept').click();
    await Promise.all([alice.expectToSee('green'), jenny.expectToSee('red')]);
  });
});

test.describe('the softphone and what it is heard and seen with', () => {
  test('[SP40] a microphone is tried in the settings, and closed with them', async ({ phones }) => {
    const alice = await phones.open('alice');
    await alice.button('settings').click();
    await expect(alice.button('device-microphone')).toBeVisible();
    await expect.poll(() => alice.lights()).toEqual([]);

    await alice.button('test-microphone').click();
    await expect
      .poll(() => alice.button('level').evaluate((bar) => (bar as HTMLMeterElement).value))
      .toBeGreaterThan(0);
    await expect.poll(() => alice.lights()).toEqual(['microphone']);
    await alice.button('test-camera').click();
    await expect(alice.button('mirror')).toBeVisible();
    expect(await accessibilityFaults(alice.page)).toEqual([]);

    await alice.page.keyboard.press('Escape');
    await expect.poll(() => alice.lights()).toEqual([]);
  });

  test('[SP43] the set-up check says that calls will work, and leaves nothing open', async ({ phones }) => {
    const alice = await phones.open('alice');
    await alice.button('settings').click();
    await alice.button('check-line').click();
    await expect(alice.button('line-verdict')).toHaveText(/Calls will (work|sound good) here/, {
      timeout: 40_000,
    });
    await expect(alice.button('line-checks')).toContainText('A call to yourself: good');
    expect(await accessibilityFaults(alice.page)).toEqual([]);
    await expect.poll(() => alice.lights()).toEqual([]);
  });

  test('[SP42] a page loaded anew offers the call it was in, and goes on with it', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);

    await alice.page.reload();
    await alice.signedIn();
    await expect(alice.button('resumable')).toContainText('You were in a call with jenny');
    await alice.button('resume').click();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await alice.hangUp();
    await jenny.expectEnded({ reason: 'remote-hangup' });
  });

  test('[SP41] a screen is shared beside the camera, large on the other page, until it is stopped', async ({
    phones,
  }) => {
    const alice = await phones.open('alice', { initScript: shareBlue });
    const jenny = await phones.open('jenny');
    await alice.dial('jenny', { video: true });
    await jenny.accept({ video: true });
    await jenny.expectToSee('red');

    await alice.page.keyboard.press('s');
    await expect.poll(() => jenny.sees('screen-video')).toBe('blue');
    await jenny.expectToSee('red');
    await expect(alice.button('share')).toHaveAttribute('aria-pressed', 'true');
    expect(await accessibilityFaults(jenny.page)).toEqual([]);

    await alice.button('share').click();
    await expect(jenny.button('screen-video')).toBeHidden();
    await jenny.expectToSee('red');
  });
});

/** A screen to share where there is none: blue, and changing enough to be worth a frame. */
function shareBlue(): void {
  navigator.mediaDevices.getDisplayMedia = () => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 640, height: 480 });
    const brush = canvas.getContext('2d');
    let shade = 0;
    setInterval(() => {
      shade = (shade + 1) % 8;
      if (brush === null) return;
      brush.fillStyle = `rgb(0 0 ${255 - shade})`;
      brush.fillRect(0, 0, canvas.width, canvas.height);
    }, 60);
    return Promise.resolve(canvas.captureStream(15));
  };
}
