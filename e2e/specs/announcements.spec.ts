import { SoundServer } from '../support/sound-server.ts';
import { expect, test } from '../support/test.ts';
import type { PhonePage } from '../support/phone-page.ts';

const TONE_HZ = 700;

test.describe('what is nobody’s microphone', () => {
  let server: SoundServer;
  let soundUrl: string;

  test.beforeAll(async () => {
    server = await SoundServer.start();
    soundUrl = server.tone(TONE_HZ);
  });
  test.afterAll(() => server[Symbol.asyncDispose]());

  test('[VO1] [VO20] a text is spoken to a caller who is joined with nobody', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on(
      '/voice',
      '<Response><Say voice="woman" loop="3">Good morning, and welcome to Parley, where people are called by their names.</Say></Response>',
    );
    const alice = await phones.open('alice');
    await alice.dial('service');
    await expect.poll(() => levelOf(alice), { message: 'how loud it is' }).toBeGreaterThan(0.01);
    await alice.expectEnded({ reason: 'remote-hangup' });
  });

  test('[VO8] [VO24] a sound is played for ever, until a key is pressed', async ({ phones, webhooks }) => {
    webhooks.on(
      '/voice',
      `<Response><Gather numDigits="1" action="/digits"><Play loop="0">${soundUrl}</Play></Gather></Response>`,
    );
    webhooks.on('/digits', '<Response><Pause length="20"/></Response>');
    const alice = await phones.open('alice');
    await alice.dial('service');
    await expect.poll(() => frequencyOf(alice)).toBe(TONE_HZ);

    await alice.button('keypad').click();
    await alice.press('5');
    await webhooks.request('/digits');
    await expect.poll(() => levelOf(alice)).toBeLessThan(0.001);
    await alice.hangUp();
  });

  test('[VO12] [C21] a sound that cannot be had is left out, and the next verb runs', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', `<Response><Play>/nothing.wav</Play><Play loop="0">${soundUrl}</Play></Response>`);
    const alice = await phones.open('alice');
    await alice.dial('service');
    await expect.poll(() => frequencyOf(alice)).toBe(TONE_HZ);
    await alice.hangUp();
  });

  test('[VO21] after a prompt two people are joined and hear each other, nothing else', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on(
      '/voice',
      '<Response><Say>One moment, please.</Say><Dial><Client>jenny</Client></Dial></Response>',
    );
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
  });
});

async function levelOf(phone: PhonePage): Promise<number> {
  return (await phone.page.evaluate(() => window.probe.listen())).level;
}

/** To the nearest ten: the probe's own lines are six apart. */
async function frequencyOf(phone: PhonePage): Promise<number> {
  const { frequencyHz } = await phone.page.evaluate(() => window.probe.listen());
  return Math.round(frequencyHz / 10) * 10;
}
