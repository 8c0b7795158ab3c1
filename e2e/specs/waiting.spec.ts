import { PEOPLE } from '../support/fake-media.ts';
import { Gateway } from '../support/gateway.ts';
import type { PhonePage } from '../support/phone-page.ts';
import { SoundServer } from '../support/sound-server.ts';
import { expect, test as base } from '../support/test.ts';

const test = base.extend<object, { readonly sounds: SoundServer }>({
  sounds: [
    // Playwright reads the names in the braces: there are none.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await using server = await SoundServer.start();
      await use(server);
    },
    { scope: 'worker' },
  ],
});

const WALTZ_HZ = 700;
/** Of a wave, as the probe tells it. */
const AUDIBLE = 0.003;
/** The SDK's own. */
const RINGBACK_HZ = 425;
/** The account whose people the softphone signs in. */
const ACCOUNT_SID = 'ACde300000000000000000000000000000';
const AUTH_TOKEN = 'a token that only this test knows';

test.describe('what a caller hears while she waits', () => {
  test('[TN1] [CL1] that it rings, from her own phone, where the document does not say how', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.expectRinging('alice');
    await expectTone(alice, RINGBACK_HZ);
    await jenny.accept();
    await alice.expectToHear('jenny');
  });

  test('[TN1] [TN2] [TN3] [CL4] the music of the dial, also while the other is screened, and then the other alone', async ({
    phones,
    webhooks,
    sounds,
  }) => {
    webhooks.on(
      '/voice',
      `<Response><Dial dialMusic="${sounds.tone(WALTZ_HZ)}"><Client url="/screen">jenny</Client></Dial></Response>`,
    );
    webhooks.on('/screen', '<Response><Gather numDigits="1" timeout="30" action="/screened"/></Response>');
    webhooks.on('/screened', '<Response/>');
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await expectTone(alice, WALTZ_HZ);
    await expect(alice.button('call-status'), 'nobody has answered').toHaveText(/Ringing/);
    await jenny.accept();
    await jenny.button('keypad').click();
    await expectTone(alice, WALTZ_HZ);
    await jenny.press('1');
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    // Nothing of the music is left under her voice.
    const [waltz = 1, jennys = 0] = await strengths(alice, WALTZ_HZ, PEOPLE.jenny.toneHz);
    expect(waltz).toBeLessThan(0.1 * jennys);
    await alice.hangUp();
  });

  test('[TN4] [TN5] [CL8] that it rings as in Britain, and that she is refused', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Dial ringTone="gb"><Client>jenny</Client></Dial></Response>');
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await expect
      .poll(async () => Math.min(...(await strengths(alice, 400, 450))), { message: 'both of two waves' })
      .toBeGreaterThan(AUDIBLE);
    await Promise.all([
      expect.poll(() => isBusyInBritain(alice), { message: 'one wave alone' }).toBe(true),
      jenny.button('decline').click(),
    ]);
    await alice.expectEnded({ reason: 'rejected' });
  });

  test('[CF14] [TN11] music of ours until the conference begins, and then whoever is there', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', ({ params }) => {
      const isHost = params['From'] === 'client:jenny';
      return `<Response><Dial><Conference startConferenceOnEnter="${isHost}">blue</Conference></Dial></Response>`;
    });
    const alice = await phones.open('alice');
    await alice.dial('blue');
    await expect.poll(() => levelOf(alice), { message: 'how loud the music is' }).toBeGreaterThan(0.01);
    const jenny = await phones.open('jenny');
    await jenny.dial('blue');
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await alice.hangUp();
    await jenny.hangUp();
  });

  test('[TN16] who comes into a conference, and who leaves it', async ({ phones, webhooks }) => {
    webhooks.on('/voice', '<Response><Dial><Conference>blue</Conference></Dial></Response>');
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('blue');
    await expect(alice.button('call-status')).toHaveText('Nobody else is here');
    await expectNotes(alice, [523, 784], () => jenny.dial('blue'));
    await jenny.expectToHear('alice');
    await expectNotes(alice, [784, 523], () => jenny.hangUp());
    await alice.hangUp();
  });

  test('[CF11] [CF14] [TN12] [TN13] a document while she waits, and a sound while she is on hold', async ({
    phones,
    webhooks,
    sounds,
    application,
  }) => {
    await using gateway = await Gateway.start({
      PARLEY_ACCOUNT_SID: ACCOUNT_SID,
      PARLEY_AUTH_TOKEN: AUTH_TOKEN,
      PARLEY_VOICE_URL: application.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
    });
    webhooks.on('/voice', ({ params }) => {
      const isHost = params['From'] === 'client:jenny';
      return `<Response><Dial><Conference startConferenceOnEnter="${isHost}" waitUrl="/wait">blue</Conference></Dial></Response>`;
    });
    webhooks.on('/wait', `<Response><Play loop="0">${sounds.tone(WALTZ_HZ)}</Play></Response>`);
    const { url } = gateway;
    const alice = await phones.open('alice', { url });
    const jenny = await phones.open('jenny', { url });
    await alice.dial('blue');
    await expectTone(alice, WALTZ_HZ);
    const { params } = await webhooks.request('/wait');
    await jenny.dial('blue');
    await alice.expectToHear('jenny');

    const hold = (form: Readonly<Record<string, string>>) =>
      fetch(
        `${url}/2010-04-01/Accounts/${ACCOUNT_SID}/Conferences/${params['ConferenceSid']}/Participants/${params['CallSid']}.json`,
        {
          method: 'POST',
          headers: {
            authorization: `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`,
          },
          body: new URLSearchParams(form),
        },
      );
    expect((await hold({ Hold: 'true', HoldUrl: sounds.tone(900) })).status).toBe(200);
    await expectTone(alice, 900);
    expect((await hold({ Hold: 'false' })).status).toBe(200);
    await alice.expectToHear('jenny');
    await alice.hangUp();
    await jenny.hangUp();
    await alice.close();
    await jenny.close();
  });
});

async function levelOf(phone: PhonePage): Promise<number> {
  return (await phone.page.evaluate(() => window.probe.listen())).level;
}

/** The loudest that is heard, to the nearest ten: the probe's own lines are six apart. */
async function expectTone(phone: PhonePage, frequencyHz: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const sound = await phone.page.evaluate(() => window.probe.listen());
        return Math.abs(sound.frequencyHz - frequencyHz);
      },
      { message: `how far what ${phone.name} hears is from ${frequencyHz} Hz` },
    )
    .toBeLessThan(10);
}

/** How strong each of these waves is, all at the same time. */
function strengths(phone: PhonePage, ...frequenciesHz: readonly number[]): Promise<number[]> {
  return phone.page.evaluate((hertz) => window.probe.strengths(hertz), frequenciesHz);
}

/** Both notes of a beep, while something is done. */
async function expectNotes(
  phone: PhonePage,
  notesHz: readonly number[],
  act: () => Promise<void>,
): Promise<void> {
  const listening = phone.page.evaluate(
    ([notes, strength]) => window.probe.awaitWaves(notes, strength, 15_000),
    [notesHz, AUDIBLE] as const,
  );
  await act();
  expect(await listening, `${phone.name} hears both notes of a beep`).toBe(true);
}

/** 400 Hz without the other wave of its ringing tone. */
async function isBusyInBritain(phone: PhonePage): Promise<boolean> {
  const [busy = 0, other = 1] = await strengths(phone, 400, 450);
  return busy > AUDIBLE && other < 0.3 * busy;
}
