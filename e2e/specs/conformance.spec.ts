import { SoundServer } from '../support/sound-server.ts';
import { expect, test } from '../support/test.ts';

/** The cases of docs/spec/conformance.md that a person sees or hears, where no other story has them. */
test.describe('as RestComm’s documents have it', () => {
  test('[C07] [C09] [C26] [CL2] [CL12] names nobody has are passed over; by attribute, with video, under another name', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on(
      '/voice',
      `<Response>
        <Dial><Client>nobody</Client></Dial>
        <Dial callerId="reception"><Client>ghost</Client><Client name="jenny"><Video/>somebody else</Client></Dial>
      </Response>`,
    );
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('anybody', { video: true });
    await jenny.expectRinging('reception');
    await jenny.accept({ video: true });
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    await Promise.all([alice.expectToSee('green'), jenny.expectToSee('red')]);
  });

  test('[C16] [C17] [CL4] a screening that cannot be had ends that leg alone; one that speaks joins after it', async ({
    phones,
    webhooks,
  }) => {
    webhooks.on(
      '/voice',
      `<Response>
        <Dial><Client url="/missing">jenny</Client></Dial>
        <Dial><Client url="/screen">jenny</Client></Dial>
      </Response>`,
    );
    webhooks.on('/screen', '<Response><Say>A call from Alice, who is waiting.</Say></Response>');
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await alice.dial('jenny');
    await jenny.accept();
    await jenny.expectEnded({ reason: 'declined' });
    await jenny.expectRinging('alice');
    await jenny.accept();
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
  });

  test('[C12] [C14] all refuse and the action is asked at once; after talking the next verb is heard', async ({
    phones,
    webhooks,
  }) => {
    await using sounds = await SoundServer.start();
    webhooks.on(
      '/voice',
      '<Response><Dial timeout="60" action="/after"><Client>jenny</Client><Client>bob</Client></Dial></Response>',
    );
    webhooks.on(
      '/after',
      `<Response><Dial><Client>jenny</Client></Dial><Play loop="0">${sounds.tone(700)}</Play></Response>`,
    );
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    const bob = await phones.open('bob');
    await alice.dial('either');
    await jenny.button('decline').click();
    await bob.button('decline').click();
    expect((await webhooks.request('/after')).params).toMatchObject({ DialCallStatus: 'busy' });
    await jenny.accept();
    await alice.expectToHear('jenny');
    await jenny.hangUp();
    await expect
      .poll(async () => (await alice.page.evaluate(() => window.probe.strengths([700])))[0] ?? 0)
      .toBeGreaterThan(0.003);
    await alice.hangUp();
  });
});
