import { PEOPLE, type Person } from '../support/fake-media.ts';
import type { PhonePage } from '../support/phone-page.ts';
import { expect, test } from '../support/test.ts';

/** Below this a tone has been held back, or lost in noise suppression. */
const HEARD_LEVEL = 0.006;
const TONE_TOLERANCE_HZ = 15;

/**
 * Everybody whom this page plays, by name. The page plays each person in an element of its own, so each is listened to
 * by itself: together, the louder would hide the others.
 */
async function everybodyHeard(phone: PhonePage): Promise<readonly string[]> {
  const sounds = await phone.page.evaluate(async () => {
    const context = new AudioContext();
    await context.resume();
    const taps = Array.from(document.querySelectorAll('audio'))
      .filter((element) => !element.paused && !element.muted && element.volume > 0)
      .flatMap(({ srcObject }) => (srcObject instanceof MediaStream ? srcObject.getAudioTracks() : []))
      .map((track) => {
        const tap = context.createAnalyser();
        tap.fftSize = 8192;
        context.createMediaStreamSource(new MediaStream([track])).connect(tap);
        return tap;
      });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const heard = taps.map((tap) => {
      const wave = new Float32Array(2048);
      tap.getFloatTimeDomainData(wave);
      const level = Math.sqrt(wave.reduce((sum, sample) => sum + sample * sample, 0) / wave.length);
      const spectrum = new Float32Array(tap.frequencyBinCount);
      tap.getFloatFrequencyData(spectrum);
      const loudest = spectrum.indexOf(Math.max(...spectrum));
      return { level, frequencyHz: (loudest * context.sampleRate) / tap.fftSize };
    });
    await context.close();
    return heard;
  });
  return sounds
    .filter(({ level }) => level > HEARD_LEVEL)
    .map(({ frequencyHz }) => nameOf(frequencyHz))
    .toSorted();
}

function nameOf(frequencyHz: number): string {
  const people = Object.keys(PEOPLE) as Person[];
  const found = people.find((person) => Math.abs(PEOPLE[person].toneHz - frequencyHz) <= TONE_TOLERANCE_HZ);
  return found ?? `${Math.round(frequencyHz)} Hz`;
}

async function expectHeard(phone: PhonePage, ...people: readonly Person[]): Promise<void> {
  await expect
    .poll(() => everybodyHeard(phone), { message: `whom ${phone.name} hears` })
    .toEqual(people.toSorted());
}

test.describe('a conference', () => {
  test('[CF6] three people each hear the two others, and one who leaves is gone', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Dial><Conference>blue</Conference></Dial></Response>');
    const [alice, jenny, bob] = [
      await phones.open('alice'),
      await phones.open('jenny'),
      await phones.open('bob'),
    ];
    await alice.dial('blue');
    await expect(alice.button('call-status')).toHaveText('Nobody else is here');
    await jenny.dial('blue');
    await Promise.all([expectHeard(alice, 'jenny'), expectHeard(jenny, 'alice')]);
    await bob.dial('blue');
    await Promise.all([
      expectHeard(alice, 'jenny', 'bob'),
      expectHeard(jenny, 'alice', 'bob'),
      expectHeard(bob, 'alice', 'jenny'),
    ]);
    await expect(alice.button('person-bob')).toBeVisible();

    await jenny.button('mute').click();
    await expectHeard(alice, 'bob');
    await expect(bob.button('person-jenny')).toContainText('muted');

    await bob.hangUp();
    await expectHeard(alice);
    await jenny.button('mute').click();
    await expectHeard(alice, 'jenny');
    await expectHeard(jenny, 'alice');
  });

  test('[CF4] [CF5] it begins with who starts it and ends with who ends it', async ({ phones, webhooks }) => {
    webhooks.on('/voice', ({ params }) => {
      const isHost = params['From'] === 'client:jenny';
      // Without music, so that whatever is heard before it begins is a person.
      return `<Response><Dial><Conference waitUrl="" startConferenceOnEnter="${isHost}" endConferenceOnExit="${isHost}">blue</Conference></Dial></Response>`;
    });
    const [alice, jenny, bob] = [
      await phones.open('alice'),
      await phones.open('jenny'),
      await phones.open('bob'),
    ];
    await alice.dial('blue');
    await bob.dial('blue');
    await expect(alice.button('call-status')).toHaveText('Waiting for the conference to begin');
    await expect(bob.button('call-status')).toHaveText('Waiting for the conference to begin');
    expect(await everybodyHeard(alice)).toEqual([]);
    await jenny.dial('blue');
    await Promise.all([expectHeard(alice, 'jenny', 'bob'), expectHeard(bob, 'alice', 'jenny')]);
    await jenny.hangUp();
    await Promise.all([
      alice.expectEnded({ reason: 'remote-hangup' }),
      bob.expectEnded({ reason: 'remote-hangup' }),
    ]);
  });

  test('[CF16] three people with video see the two others side by side', async ({ phones, webhooks }) => {
    webhooks.on('/voice', '<Response><Dial><Conference name="blue"><Video/></Conference></Dial></Response>');
    const [alice, jenny, bob] = [
      await phones.open('alice'),
      await phones.open('jenny'),
      await phones.open('bob'),
    ];
    for (const phone of [alice, jenny, bob]) {
      await phone.dial('blue', { video: true });
      await phone.expectTalking();
    }
    const sees = (phone: PhonePage, who: Person) =>
      expect
        .poll(() => phone.sees(`video-${who}`), { message: `how ${phone.name} sees ${who}` })
        .toBe(PEOPLE[who].colour);
    await Promise.all([
      sees(alice, 'jenny'),
      sees(alice, 'bob'),
      sees(jenny, 'alice'),
      sees(jenny, 'bob'),
      sees(bob, 'alice'),
      sees(bob, 'jenny'),
    ]);
    await bob.hangUp();
    await alice.expectToSee(PEOPLE.jenny.colour);
    await expectHeard(alice, 'jenny');
  });
});
