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
    expect(await alice.lights()).toEqual(['microphone']);
    expect(await jenny.lights()).toEqual(['microphone']);

    await jenny.button('video-accept').click();
    await Promise.all([alice.expectToSee('green'), jenny.expectToSee('red')]);
  });
});
