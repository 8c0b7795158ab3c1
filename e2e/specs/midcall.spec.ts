import { MidCall } from '../support/mid-call.ts';
import type { PhonePage } from '../support/phone-page.ts';
import { expect, test, type Phones } from '../support/test.ts';

/** Alice and jenny talk; alice has called. */
async function talking(phones: Phones): Promise<readonly [PhonePage, PhonePage]> {
  const [alice, jenny] = [await phones.open('alice'), await phones.open('jenny')];
  await alice.dial('jenny');
  await jenny.accept();
  await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
  return [alice, jenny];
}

test.describe('in the middle of a call', () => {
  test('[MC1] [MC2] who is held hears music and nobody else; who holds hears nothing', async ({ phones }) => {
    const [alice, jenny] = await talking(phones);
    const [hers, mine] = [new MidCall(jenny), new MidCall(alice)];
    await hers.hold();
    await jenny.expectToHear('silence');
    await expect
      .poll(() => alice.hears(), { message: 'music for alice' })
      .not.toMatch(/^(silence|jenny|ringback)$/);
    await mine.hold();
    await alice.expectToHear('silence');
    await hers.hold(false);
    await expect.poll(() => jenny.hears(), { message: 'music for jenny' }).not.toMatch(/^(silence|alice)$/);
    await mine.hold(false);
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
  });

  test('[MC30] a message reaches the other page', async ({ phones }) => {
    const [alice, jenny] = await talking(phones);
    await new MidCall(jenny).listen();
    await new MidCall(alice).send({ page: 7 });
    await expect.poll(() => new MidCall(jenny).messages()).toEqual([{ page: 7 }]);
  });

  test('[MC20] [MC24] [MC26] an audio call becomes one with video when both have said so, and no camera is open before', async ({
    phones,
  }) => {
    const [alice, jenny] = await talking(phones);
    const [mine, hers] = [new MidCall(alice), new MidCall(jenny)];
    await Promise.all([mine.watch(), hers.watch()]);
    await mine.askForVideo();
    await expect.poll(() => hers.isAsked()).toBe(true);
    expect([await alice.asked(), await jenny.asked()]).toEqual([['microphone'], ['microphone']]);
    await hers.sayYes();
    await expect.poll(() => mine.answer()).toBe('accepted');
    await expect.poll(() => alice.sees('upgraded'), { message: 'what alice sees' }).toBe('green');
    await expect.poll(() => jenny.sees('upgraded'), { message: 'what jenny sees' }).toBe('red');
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await hers.removeVideo();
    await expect.poll(() => alice.lights()).toEqual(['microphone']);
    await expect.poll(() => jenny.lights()).toEqual(['microphone']);
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
  });
});

test.describe('a transfer', () => {
  test('[MC40] [MC41] to a name: it rings for her, the two talk, and who handed over is out', async ({
    phones,
  }) => {
    const bob = await phones.open('bob');
    const [alice, jenny] = await talking(phones);
    await new MidCall(jenny).transfer('bob');
    await bob.expectRinging('alice');
    await alice.expectToHear('ringback');
    await bob.accept();
    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);
    await jenny.expectEnded({ reason: 'transferred' });
    await expect.poll(() => jenny.lights()).toEqual([]);
    await bob.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[MC43] nobody takes it: the two hear one another again', async ({ phones }) => {
    const [alice, jenny] = await talking(phones);
    await new MidCall(alice).transfer('nobody');
    await expect.poll(() => new MidCall(alice).transferFailure()).toBe('transfer-failed');
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
  });

  test('[MC50] [MC51] to the other side of a second call: the two talk, and who brought them together is out', async ({
    phones,
  }) => {
    const bob = await phones.open('bob');
    const [alice, jenny] = await talking(phones);
    await new MidCall(jenny).call('bob');
    await bob.accept();
    await bob.expectToHear('jenny');
    await new MidCall(jenny).merge();
    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);
    await jenny.expectEnded({ reason: 'transferred' });
    await alice.hangUp();
    await bob.expectEnded({ reason: 'remote-hangup' });
  });
});
