import { Gateway } from '../support/gateway.ts';
import { isRecorded } from '../support/recorded-file.ts';
import { expect, test } from '../support/test.ts';

/** As on a first visit: nothing configured, no application but the gateway's own demo. */
test.describe('the gateway as it comes', () => {
  let gateway: Gateway;
  test.beforeAll(async () => {
    gateway = await Gateway.start();
  });
  test.afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
  });

  test('[CL1] two people call one another by name', async ({ phones }) => {
    const alice = await phones.open('alice', { url: gateway.url });
    const jenny = await phones.open('jenny', { url: gateway.url });

    await alice.dial('jenny', { video: true });
    await jenny.accept({ video: true });
    await Promise.all([alice.expectToSee('green'), jenny.expectToHear('alice')]);
    await jenny.hangUp();

    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[CL9] "group" rings everybody, [CL4] "screen" asks first, and a name nobody has is not there', async ({
    phones,
  }) => {
    const alice = await phones.open('alice', { url: gateway.url });
    const jenny = await phones.open('jenny', { url: gateway.url });
    const bob = await phones.open('bob', { url: gateway.url });

    await alice.dial('group');
    await Promise.all([jenny.expectRinging('alice'), bob.expectRinging('alice')]);
    await bob.accept();
    await Promise.all([alice.expectToHear('bob'), bob.expectToHear('alice')]);
    await alice.hangUp();
    await bob.expectEnded({ reason: 'remote-hangup' });

    await alice.dial('screen');
    await jenny.accept();
    await expect(jenny.button('call-status')).toContainText('One moment');
    await jenny.button('keypad').click();
    await jenny.press('1');
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await jenny.hangUp();
    await alice.expectEnded({ reason: 'remote-hangup' });

    await alice.dial('nobody');
    await alice.expectEnded({ reason: 'not-registered' });
  });

  test('[RV33] "voicemail" takes a message, plays it back, and says where it is kept', async ({ phones }) => {
    test.setTimeout(120_000);
    const alice = await phones.open('alice', { url: gateway.url });
    await alice.dial('voicemail');
    // She is told first what to do, in two sentences and a tone.
    await isRecorded(gateway, 4000);
    await alice.button('keypad').click();
    await alice.press('#');
    await alice.expectToHear('alice');
    await alice.hangUp();
    const link = (): string | undefined =>
      gateway.log.map((line) => /A message of alice: (\S+)/.exec(line)?.[1]).find((url) => url !== undefined);
    await expect.poll(link, { message: 'the link in the terminal' }).toBeDefined();
    const answer = await fetch(link() ?? '');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('audio/ogg');
  });
});
