import { expect, test } from '../support/test.ts';

test.describe('several phones ring', () => {
  test('[CL9] [C05] three people ring, one is faster, and the others learn who it was', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on(
      '/voice',
      '<Response><Dial><Client>jenny</Client><Client>bob</Client><Client>carol</Client></Dial></Response>',
    );
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    const bob = await phones.open('bob', { deviceLabel: 'Reception' });
    const carol = await phones.open('carol', { as: 'jenny' });
    const losers = [jenny, carol];

    await alice.dial('group');
    await Promise.all([jenny, bob, carol].map((phone) => phone.expectRinging('alice')));
    await bob.accept();

    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);
    for (const loser of losers) {
      await loser.expectEnded({
        reason: 'answered-elsewhere',
        elsewhere: { identity: 'bob', deviceLabel: 'Reception' },
      });
      await expect(loser.lastCall).toContainText('Answered by bob (Reception)');
      await loser.expectToHear('silence');
      expect(await loser.asked()).toEqual([]);
    }
  });

  test('[CL1] [C10] every device of a person rings, and the second one answers first', async ({ phones }) => {
    const alice = await phones.open('alice');
    const desk = await phones.open('jenny', { deviceLabel: 'Desk' });
    const laptop = await phones.open('jenny', { deviceLabel: 'Laptop' });

    await alice.dial('jenny');
    await Promise.all([desk.expectRinging('alice'), laptop.expectRinging('alice')]);
    await laptop.accept();

    await Promise.all([alice.expectToHear('jenny'), laptop.expectToHear('alice')]);
    await desk.expectEnded({
      reason: 'answered-elsewhere',
      elsewhere: { identity: 'jenny', deviceLabel: 'Laptop' },
    });
    await expect(desk.lastCall).toContainText('Answered on another device (Laptop)');
    expect(await desk.asked()).toEqual([]);
  });

  test('[CL9] [C11] two people accept in the same moment: one is joined, the other is told who', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Dial><Client>jenny</Client><Client>bob</Client></Dial></Response>');
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    const bob = await phones.open('bob');
    await alice.dial('group');
    await Promise.all([jenny.expectRinging('alice'), bob.expectRinging('alice')]);

    // By a clock, because a click that comes second finds the card gone.
    const atMs = Date.now() + 500;
    await Promise.all([jenny.acceptAt(atMs), bob.acceptAt(atMs)]);

    await expect.poll(() => alice.hears()).toMatch(/^(jenny|bob)$/);
    const [winner, loser] = (await alice.hears()) === 'jenny' ? [jenny, bob] : [bob, jenny];
    await winner.expectToHear('alice');
    await loser.expectEnded({ reason: 'answered-elsewhere' });
    await loser.expectToHear('silence');
    await expect.poll(() => loser.lights()).toEqual([]);
    expect(await winner.endings()).toEqual([]);
  });

  test('[D2] declining on one device leaves the others ringing', async ({ phones }) => {
    const alice = await phones.open('alice');
    const desk = await phones.open('jenny');
    const laptop = await phones.open('jenny');
    await alice.dial('jenny');
    await Promise.all([desk.expectRinging('alice'), laptop.expectRinging('alice')]);

    await desk.button('decline').click();
    await desk.expectEnded({ reason: 'rejected', by: 'local' });

    await laptop.accept();
    await Promise.all([alice.expectToHear('jenny'), laptop.expectToHear('alice')]);
  });

  test('[D4] a page that is closed while it rings leaves the others ringing', async ({ phones }) => {
    const alice = await phones.open('alice');
    const desk = await phones.open('jenny');
    const laptop = await phones.open('jenny');
    await alice.dial('jenny');
    await Promise.all([desk.expectRinging('alice'), laptop.expectRinging('alice')]);

    await desk.close();

    await laptop.accept();
    await Promise.all([alice.expectToHear('jenny'), laptop.expectToHear('alice')]);
  });

  test('[D4] [C03] the only page of a person is closed while it rings: the caller need not wait', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.expectRinging('alice');

    await jenny.close();

    await alice.expectEnded({ reason: 'no-answer' });
  });

  test('[D3] a page that is opened while its person is called rings too', async ({ phones }) => {
    const alice = await phones.open('alice');
    const desk = await phones.open('jenny');
    await alice.dial('jenny');
    await desk.expectRinging('alice');

    const laptop = await phones.open('jenny');
    await laptop.expectRinging('alice');
    await laptop.accept();

    await Promise.all([alice.expectToHear('jenny'), laptop.expectToHear('alice')]);
    await desk.expectEnded({ reason: 'answered-elsewhere' });
  });

  test('[SP21] a second call rings beside the first, and accepting it puts the first on hold', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    const bob = await phones.open('bob');
    await alice.dial('jenny');
    await jenny.accept();
    await jenny.expectToHear('alice');

    await bob.dial('jenny');
    await jenny.expectRinging('bob');
    await expect(jenny.incoming).toContainText('Accepting puts alice on hold');
    await jenny.expectToHear('alice');
    await jenny.accept();

    await Promise.all([bob.expectToHear('jenny'), jenny.expectToHear('bob')]);
    await expect(alice.button('call-status')).toHaveText('You are on hold');
    await jenny.button('swap').click();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await expect(bob.button('call-status')).toHaveText('You are on hold');
    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });
  });
});
