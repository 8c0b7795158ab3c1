import { randomBytes } from 'node:crypto';
import twilio from 'twilio';
import { PEOPLE } from '../support/fake-media.ts';
import { Gateway } from '../support/gateway.ts';
import type { PhonePage } from '../support/phone-page.ts';
import { isRecorded, listenTo, passes, plays, watch } from '../support/recorded-file.ts';
import { expect, test as base } from '../support/test.ts';
import type { WebhookRequest, WebhookServer } from '../support/webhook-server.ts';

/** The account whose people the softphone signs in; here its token is ours. */
const ACCOUNT_SID = 'ACde300000000000000000000000000000';
const AUTH_TOKEN = randomBytes(16).toString('hex');
const ALICE = PEOPLE.alice.toneHz;
const JENNY = PEOPLE.jenny.toneHz;
const BEEP = 1000;
/** For how long a picture is recorded that is to be looked at. */
const SHOWN_MS = 6000;

const test = base.extend<
  object,
  { readonly recording: { gateway: Gateway; client: ReturnType<typeof twilio> } }
>({
  recording: [
    async ({ application }, use) => {
      await using gateway = await Gateway.start({
        PARLEY_ACCOUNT_SID: ACCOUNT_SID,
        PARLEY_AUTH_TOKEN: AUTH_TOKEN,
        PARLEY_VOICE_URL: application.url('/voice'),
        PARLEY_ALLOW: '127.0.0.1',
      });
      const client = twilio(ACCOUNT_SID, AUTH_TOKEN);
      client.api.baseUrl = gateway.url;
      await use({ gateway, client });
    },
    { scope: 'worker' },
  ],
});

test.describe('recordings', () => {
  // Seconds of talk have to pass here, beside everything else that a call takes.
  test.describe.configure({ timeout: 120_000 });

  test('[RV1] [RV2] [RV4] [RV29] [RV30] a message is left after a tone, ended with a key, and played back', async ({
    recording: { gateway },
    phones,
    webhooks,
  }) => {
    webhooks.on('/voice', '<Response><Record action="/left" finishOnKey="#" maxLength="60"/></Response>');
    webhooks.on(
      '/left',
      ({ params }) => `<Response><Play loop="0">${xml(params['RecordingUrl'])}</Play></Response>`,
    );
    const alice = await phones.open('alice', { url: gateway.url });
    await alice.dial('voicemail');
    const beepHeard = heardBeep(alice);
    await alice.expectTalking();
    expect(await beepHeard, 'the tone was heard').toBe(true);
    await isRecorded(gateway, 2000);
    await alice.button('keypad').click();
    await alice.press('#');

    const { params } = await webhooks.request('/left');
    expect(params).toMatchObject({ Digits: '#' });
    await alice.expectToHear('alice');
    const sound = await listenTo(alice.page, urlOf(params), [ALICE, BEEP, JENNY]);
    expect(Math.abs(sound.durationMs - Number(params['RecordingDuration']) * 1000)).toBeLessThanOrEqual(550);
    expect(sound.channels).toHaveLength(1);
    const [own = 0, beep = 0, other = 0] = sound.channels[0]?.strengths ?? [];
    expect(own).toBeGreaterThan(10 * beep);
    expect(own).toBeGreaterThan(10 * other);
    expect(await plays(alice.page, urlOf(params))).toBe(true);
    await alice.hangUp();
  });

  test('[RV6] who hangs up leaves what she said', async ({ recording: { gateway }, phones, webhooks }) => {
    webhooks.on('/voice', '<Response><Record action="/left" playBeep="false"/></Response>');
    webhooks.on('/left', '<Response/>');
    const alice = await phones.open('alice', { url: gateway.url });
    await alice.dial('voicemail');
    await isRecorded(gateway, 2500);
    await alice.hangUp();

    const { params } = await webhooks.request('/left');
    expect(params).toMatchObject({ Digits: 'hangup', CallStatus: 'completed' });
    const sound = await listenTo(alice.page, urlOf(params), [ALICE, JENNY]);
    const [own = 0, other = 0] = sound.channels[0]?.strengths ?? [];
    expect(own).toBeGreaterThan(10 * other);
    expect(sound.durationMs).toBeGreaterThan(1500);
  });

  test('[RV12] [RV13] [RV14] [RV20] a video call is recorded: each on her channel, with a picture that moves', async ({
    recording: { gateway, client },
    phones,
    media,
    webhooks,
  }) => {
    recordedDial(webhooks);
    const alice = await phones.open('alice', { url: gateway.url, faces: media.movingOf('alice') });
    const jenny = await phones.open('jenny', { url: gateway.url });
    await alice.dial('jenny', { video: true });
    await jenny.accept({ video: true });
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    // Her camera is not shown before she is joined with somebody; from now on it is.
    await expect.poll(() => jenny.sees(), { message: 'what jenny sees' }).not.toMatch(/nothing|frozen|black/);
    await isRecorded(gateway, SHOWN_MS);
    await alice.hangUp();

    const { params } = await webhooks.request('/recorded');
    expect(params).toMatchObject({ RecordingStatus: 'completed', RecordingChannels: '2' });
    const url = urlOf(params);
    const sid = params['RecordingSid'] ?? '';
    expect(await client.recordings(sid).fetch()).toMatchObject({ status: 'completed', channels: 2 });
    const sound = await listenTo(alice.page, url, [ALICE, JENNY]);
    expect(sound.channels).toHaveLength(2);
    const [left, right] = sound.channels.map(({ strengths }) => strengths);
    expect(left?.[0]).toBeGreaterThan(10 * (left?.[1] ?? Infinity));
    expect(right?.[1]).toBeGreaterThan(10 * (right?.[0] ?? Infinity));
    const shownFromMs = sound.durationMs - SHOWN_MS;
    const times = Array.from({ length: 20 }, (_, index) => shownFromMs + (index * SHOWN_MS) / 20);
    const seen = await watch(alice.page, url, times);
    expect(seen).not.toContain(null);
    const brightness = seen.map((one) => one ?? 0);
    expect(Math.max(...brightness) - Math.min(...brightness)).toBeGreaterThan(60);
  });

  test('[RV29] [RV30] what Chromium has sent, Firefox plays', async ({
    recording: { gateway },
    phones,
    webhooks,
  }) => {
    recordedDial(webhooks);
    const alice = await phones.open('alice', { url: gateway.url });
    const jenny = await phones.open('jenny', { url: gateway.url, isFirefox: true });
    for (const video of [false, true]) {
      await alice.dial('jenny', { video });
      await jenny.accept({ video });
      await jenny.expectToHear('alice');
      await isRecorded(gateway, 3000);
      await alice.hangUp();
      const { params } = await webhooks.request('/recorded', video ? 2 : 1);
      for (const { page } of [alice, jenny]) expect(await plays(page, urlOf(params))).toBe(true);
      const heard = await listenTo(jenny.page, urlOf(params), [ALICE, JENNY]);
      expect(heard.channels[0]?.strengths[0]).toBeGreaterThan(0.001);
    }
  });

  test('[RV26] [RV27] a call is recorded, paused and stopped by REST', async ({
    recording: { gateway, client },
    phones,
  }) => {
    const alice = await phones.open('alice', { url: gateway.url });
    const jenny = await phones.open('jenny', { url: gateway.url });
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('jenny');
    const [call] = await client.calls.list({ status: 'in-progress', from: 'client:alice' });
    const recordings = client.calls(call?.sid ?? '').recordings;
    const { sid } = await recordings.create({ recordingChannels: 'dual' });
    await passes(2000);
    await recordings('Twilio.CURRENT').update({ status: 'paused', pauseBehavior: 'silence' });
    await passes(2000);
    await recordings('Twilio.CURRENT').update({ status: 'in-progress' });
    await passes(2000);
    await recordings(sid).update({ status: 'stopped' });
    await expect.poll(async () => (await client.recordings(sid).fetch()).status).toBe('completed');
    const { mediaUrl } = await client.recordings(sid).fetch();
    const sound = await listenTo(alice.page, mediaUrl, [ALICE]);
    // It is heard, is not, and is heard again.
    expect(sound.channels[0]?.onsetsMs.length).toBeGreaterThanOrEqual(2);
    expect(Math.abs(sound.durationMs - 6000)).toBeLessThan(1500);
    await alice.expectTalking();
    await alice.hangUp();
    expect(await client.recordings(sid).remove()).toBe(true);
    await expect(client.recordings(sid).fetch()).rejects.toMatchObject({ status: 404 });
  });

  test('[RV24] what was said before the gateway was killed is there when it comes back, and told of', async ({
    phones,
    webhooks,
  }, testInfo) => {
    webhooks.on('/recorded', { status: 204, body: '' });
    webhooks.on(
      '/voice',
      `<Response><Record timeout="30" recordingStatusCallback="${webhooks.url('/recorded')}"/></Response>`,
    );
    const settings = {
      PARLEY_DATA: testInfo.outputPath('data'),
      PARLEY_ACCOUNT_SID: ACCOUNT_SID,
      PARLEY_AUTH_TOKEN: AUTH_TOKEN,
      PARLEY_VOICE_URL: webhooks.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
    };
    await using first = await Gateway.start(settings);
    const alice = await phones.open('alice', { url: first.url });
    await alice.dial('voicemail');
    await isRecorded(first, 5000);
    await first.crash();
    await alice.page.goto('about:blank');

    await using second = await Gateway.start(settings);
    const { params } = await webhooks.request('/recorded');
    expect(params).toMatchObject({ RecordingStatus: 'completed' });
    const client = twilio(ACCOUNT_SID, AUTH_TOKEN);
    client.api.baseUrl = second.url;
    const [recording] = await client.recordings.list();
    expect(recording).toMatchObject({ sid: params['RecordingSid'], status: 'completed' });
    const again = await phones.open('alice', { url: second.url });
    const sound = await listenTo(again.page, recording?.mediaUrl ?? '', [ALICE, JENNY]);
    const [own = 0, other = 0] = sound.channels[0]?.strengths ?? [];
    expect(own).toBeGreaterThan(10 * other);
    // Up to the last second.
    expect(sound.durationMs).toBeGreaterThan(3500);
  });

  for (const packetLoss of [5, 20]) {
    test(`[RV4] with ${packetLoss} % of the caller's packets lost, a recording keeps its length and step`, async ({
      recording: { gateway },
      phones,
      media,
      webhooks,
    }) => {
      webhooks.on(
        '/voice',
        '<Response><Record action="/left" playBeep="false" timeout="30" trim="do-not-trim"/></Response>',
      );
      webhooks.on('/left', '<Response/>');
      const alice = await phones.load('alice', { url: gateway.url, faces: media.tickingOf('alice') });
      const devtools = await alice.page.context().newCDPSession(alice.page);
      const impair = (loss: number) =>
        devtools.send('Network.emulateNetworkConditions', {
          offline: false,
          latency: 1,
          downloadThroughput: -1,
          uploadThroughput: -1,
          packetLoss: loss,
        });
      // Only a connection that is made under a throttle obeys it later.
      await impair(0);
      await alice.signedIn();
      await alice.dial('voicemail');
      await isRecorded(gateway, 1000);
      await impair(packetLoss);
      await passes(12_000);
      await impair(0);
      await alice.hangUp();

      const { params } = await webhooks.request('/left');
      const sound = await listenTo(alice.page, urlOf(params), [ALICE]);
      const ticks = sound.channels[0]?.onsetsMs ?? [];
      expect(ticks.length).toBeGreaterThanOrEqual(9);
      const first = ticks[0] ?? 0;
      for (const tick of ticks) {
        const beat = Math.round((tick - first) / 1000);
        expect(Math.abs(tick - first - beat * 1000), `tick at ${tick} ms`).toBeLessThanOrEqual(100);
      }
    });
  }
});

/** Both sides of every call are recorded, and its end is told. */
function recordedDial(webhooks: WebhookServer): void {
  webhooks.on('/recorded', { status: 204, body: '' });
  webhooks.on('/voice', ({ params }: WebhookRequest) => {
    const video = params['Video'] === 'true' ? '<Video/>' : '';
    const name = (params['To'] ?? '').replace('client:', '');
    return `<Response><Dial record="record-from-answer-dual" recordingStatusCallback="/recorded"><Client>${name}${video}</Client></Dial></Response>`;
  });
}

function urlOf(params: Readonly<Record<string, string>>): string {
  return params['RecordingUrl'] ?? '';
}

function xml(url = ''): string {
  return url.replaceAll('&', '&amp;');
}

/** Whether the tone is heard within the next seconds. */
async function heardBeep(phone: PhonePage): Promise<boolean> {
  return phone.page.evaluate(async (toneHz) => {
    const until = performance.now() + 10_000;
    while (performance.now() < until) {
      const [strength = 0] = await window.probe.strengths([toneHz]);
      if (strength > 0.01) return true;
    }
    return false;
  }, BEEP);
}
