import { PEOPLE } from '../support/fake-media.ts';
import { Gateway } from '../support/gateway.ts';
import { RecognizerServer } from '../support/recognizer-server.ts';
import { expect, test as base } from '../support/test.ts';

interface Hearing {
  readonly gateway: Gateway;
  readonly recognizer: RecognizerServer;
}

const test = base.extend<object, { readonly hearing: Hearing }>({
  hearing: [
    async ({ application }, use) => {
      await using recognizer = await RecognizerServer.start();
      await using gateway = await Gateway.start({
        PARLEY_VOICE_URL: application.url('/voice'),
        PARLEY_ALLOW: '127.0.0.1',
        PARLEY_RECOGNIZER_URL: recognizer.url,
      });
      await use({ gateway, recognizer });
    },
    { scope: 'worker' },
  ],
});

test.describe('what a caller says', () => {
  test('[TN30] [TN31] [TN35] [TN39] reaches the recogniser as sound, and the application as words', async ({
    hearing: { gateway, recognizer },
    phones,
    webhooks,
  }) => {
    webhooks.on(
      '/voice',
      `<Response>
        <Gather input="speech" speechTimeout="1" language="en-GB" hints="tone, hertz" action="/said"
            partialResultCallback="/partial"><Say loop="0">Say something.</Say></Gather>
      </Response>`,
    );
    webhooks.on('/said', '<Response><Pause length="20"/></Response>');
    webhooks.on('/partial', { status: 204, body: '' });
    const alice = await phones.open('alice', { url: gateway.url });
    await alice.dial('service');
    // Her microphone has a tone from the beginning: she speaks into the prompt, and the recogniser knows before she stops.
    const { params } = await webhooks.request('/said');
    expect(params).toMatchObject({
      SpeechResult: `a tone of ${PEOPLE.alice.toneHz} hertz`,
      Confidence: '0.75',
      From: 'client:alice',
    });
    expect(recognizer.heard).toMatchObject([
      {
        language: 'en-GB',
        hints: ['tone', 'hertz'],
        contentType: 'audio/l16; rate=16000; channels=1',
        frequencyHz: PEOPLE.alice.toneHz,
      },
    ]);
    expect(recognizer.heard[0]?.durationMs).toBeGreaterThanOrEqual(1500);
    const { params: partial } = await webhooks.request('/partial');
    expect(partial).toMatchObject({
      UnstableSpeechResult: `${PEOPLE.alice.toneHz} so far`,
      SequenceNumber: '0',
    });
    await alice.hangUp();
    await alice.close();
  });
});
