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
    expect(await alice.lights()).toEqual([]);
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
    expect(await alice.lights()).toEqual([]);
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
