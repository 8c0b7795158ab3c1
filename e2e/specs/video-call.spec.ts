import { expect, test } from '../support/test.ts';

test.describe('a video call', () => {
  test('[CL2] [SP23] two people see and hear one another, and themselves', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');

    await alice.dial('jenny', { video: true });
    await expect(jenny.incoming).toContainText('Incoming video call');
    await jenny.accept({ video: true });

    await Promise.all([alice.expectToSee('green'), jenny.expectToSee('red')]);
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await expect.poll(() => alice.sees('local-video')).toBe('red');
    await expect.poll(() => jenny.sees('local-video')).toBe('green');
    await expect.poll(() => alice.lights()).toEqual(['microphone', 'camera']);
  });

  test('[SP24] a camera that is switched off is closed, and its picture comes back with it', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny', { video: true });
    await jenny.accept({ video: true });
    await alice.expectToSee('green');

    await jenny.button('camera').click();
    await expect(alice.button('call-note')).toHaveText('Camera is off', { timeout: 2_000 });
    expect(await alice.sees()).toBe('nothing');
    await expect.poll(() => jenny.lights()).toEqual(['microphone']);
    await Promise.all([jenny.expectToSee('red'), alice.expectToHear('jenny')]);

    await jenny.button('camera').click();
    await alice.expectToSee('green');
    await expect.poll(() => jenny.lights()).toEqual(['microphone', 'camera']);
  });

  test('[SP22] who answers with audio is not seen, and sees all the same', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');

    await alice.dial('jenny', { video: true });
    await jenny.accept();

    await jenny.expectToSee('red');
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    expect(await alice.sees()).toBe('nothing');
    expect(await jenny.asked()).toEqual(['microphone']);
  });

  test('[SP24] who answered with audio may show themselves later', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny', { video: true });
    await jenny.accept();
    await jenny.expectToSee('red');

    await jenny.button('camera').click();

    await alice.expectToSee('green');
    await expect.poll(() => jenny.lights()).toEqual(['microphone', 'camera']);
  });

  test('[SP16] who has no camera is told, and the call goes on with what there is', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { browser: { hasCamera: false } });

    await alice.dial('jenny', { video: true });
    await jenny.accept({ video: true });

    await jenny.expectToSee('red');
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await expect(jenny.button('trouble')).toContainText('camera');
    expect(await alice.sees()).toBe('nothing');
  });

  test('[SP16] a caller without a camera is told, sees the other, and is heard', async ({ phones }) => {
    const alice = await phones.open('alice', { browser: { hasCamera: false } });
    const jenny = await phones.open('jenny');

    await alice.dial('jenny', { video: true });
    await jenny.accept({ video: true });

    await alice.expectToSee('green');
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await expect(alice.button('trouble')).toContainText('camera');
  });
});
