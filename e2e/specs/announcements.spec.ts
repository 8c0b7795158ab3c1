import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '../support/test.ts';
import type { PhonePage } from '../support/phone-page.ts';

const TONE_HZ = 700;

test.describe('what is nobody’s microphone', () => {
  let server: Server;
  let soundUrl: string;

  test.beforeAll(async () => {
    server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'audio/wav' }).end(wav(TONE_HZ));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    soundUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tone.wav`;
  });
  test.afterAll(() => void server.close());

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

  test('[VO12] a sound that cannot be had is left out, and the next verb runs', async ({
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

/** A second of a tone, 16 bits, 8 kHz. */
function wav(frequencyHz: number): Buffer {
  const rate = 8000;
  const bytes = Buffer.alloc(44 + rate * 2);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(rate * 2, 40);
  for (let i = 0; i < rate; i++) {
    bytes.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * frequencyHz * i) / rate)), 44 + i * 2);
  }
  return bytes;
}
