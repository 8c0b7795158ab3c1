// What callers say to `<Gather input="speech">`, against a gateway that runs and a recogniser that is a web server.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Call } from '@parley/client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { encoded, shareAt, sine } from '../ear.ts';
import { become, soon } from './soon.ts';
import { Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const HERTZ = 520;
const RATE = 16_000;

/** One utterance as the recogniser got it. */
interface Utterance {
  readonly url: string;
  sound: Float32Array;
  isWhole: boolean;
}

let recognizer: Server;
let utterances: Utterance[];
let answer: { readonly status: number; readonly body: string };
let voice: readonly Uint8Array[];
let quiet: readonly Uint8Array[];

beforeAll(async () => {
  recognizer = createServer((request, response) => {
    const pieces: Buffer[] = [];
    const utterance: Utterance = { url: request.url ?? '', sound: new Float32Array(), isWhole: false };
    utterances.push(utterance);
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const bytes = Buffer.concat(pieces);
      utterance.sound = Float32Array.from(
        { length: bytes.length / 2 },
        (_, i) => bytes.readInt16BE(i * 2) / 32_768,
      );
      utterance.isWhole = true;
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => recognizer.listen(0, '127.0.0.1', resolve));
  voice = await encoded(sine({ frequencyHz: HERTZ, ms: 800, rate: 48_000 }));
  quiet = await encoded(new Float32Array(48_000 * 1.5));
});
afterAll(() => new Promise<void>((resolve) => recognizer.close(() => resolve())));
beforeEach(() => {
  utterances = [];
  answer = { status: 200, body: '{"text":"my bill","confidence":0.8}' };
});

const hearing = () => ({
  environment: {
    PARLEY_RECOGNIZER_URL: `http://127.0.0.1:${(recognizer.address() as AddressInfo).port}/hear`,
  },
});
const ASK =
  '<Gather input="dtmf speech" numDigits="1" timeout="30" speechTimeout="1" language="en-GB" hints="bill" action="/said"/>';

async function listened(stage: Stage, call: Call): Promise<void> {
  await become(
    () => stage.media?.listenersOf(call) === 1,
    () => 'somebody to listen',
  );
}

it('[TN30] [TN37] [TN39] what a caller says reaches the recogniser, and the application as words', async () => {
  await using stage = await Stage.open(ASK, hearing());
  stage.application.on('/said', '<Pause length="30"/>');
  const call = await stage.alice();
  await listened(stage, call);
  await stage.media?.speak(call, [...voice, ...quiet]);
  expect((await stage.application.request('/said')).params).toMatchObject({
    SpeechResult: 'my bill',
    Confidence: '0.8',
    CallSid: call.parameters.CallSid,
  });
  expect(utterances).toMatchObject([{ url: '/hear?language=en-GB&hint=bill', isWhole: true }]);
  const sound = utterances[0]?.sound ?? new Float32Array();
  // What she said and the silence that ended it, and no more.
  expect(sound.length / RATE).toBeGreaterThan(1.5);
  expect(sound.length / RATE).toBeLessThan(2.8);
  const spoken = sound.subarray(0.1 * RATE, 0.7 * RATE);
  expect(shareAt(spoken, HERTZ, RATE)).toBeGreaterThan(0.9);
  expect(stage.media?.listenersOf(call)).toBe(0);
  await call.disconnect();
});

it('[TN34] [TN36] a key ends the listening, and what was on its way is aborted', async () => {
  await using stage = await Stage.open(ASK, hearing());
  stage.application.on('/said', '<Pause length="30"/>');
  const call = await stage.alice();
  await listened(stage, call);
  await stage.media?.speak(call, voice);
  await soon(
    () => utterances[0],
    () => 'an utterance',
  );
  await call.sendDigits('7');
  expect((await stage.application.request('/said')).params).toMatchObject({ Digits: '7' });
  expect(stage.media?.listenersOf(call)).toBe(0);
  expect(utterances[0]?.isWhole).toBe(false);
  await call.disconnect();
});

it('[TN36] hung up while she speaks, nobody listens any more', async () => {
  await using stage = await Stage.open(ASK, hearing());
  const call = await stage.alice();
  await listened(stage, call);
  await stage.media?.speak(call, voice);
  await call.disconnect();
  await stage.quiet();
  expect(stage.media?.listenersOf(call)).toBe(0);
});

it('[TN33] [TN38] a recogniser that fails is told to the author, and the next verb follows', async () => {
  answer = { status: 503, body: '' };
  await using stage = await Stage.open(`${ASK}<Redirect>/next</Redirect>`, hearing());
  stage.application.on('/next', '<Hangup/>');
  const call = await stage.alice();
  await listened(stage, call);
  await stage.media?.speak(call, [...voice, ...quiet]);
  expect(await ended(call)).toMatchObject({ reason: 'remote-hangup' });
  expect(stage.application.at('/said')).toEqual([]);
  expect(stage.notifications()).toMatchObject([
    {
      code: 12400,
      severity: 'warning',
      line: 1,
      message: expect.stringContaining('the speech recogniser answered with status 503') as string,
    },
  ]);
});

it('[TN33] [SC18] without a recogniser the author is told, and it counts as silence', async () => {
  await using stage = await Stage.open(ASK.replace('timeout="30"', 'timeout="1"'));
  const call = await stage.alice();
  expect(await ended(call)).toMatchObject({ reason: 'remote-hangup' });
  expect(stage.notifications()).toMatchObject([
    {
      code: 12200,
      callSid: call.parameters.CallSid,
      message: expect.stringContaining('no speech recogniser') as string,
    },
  ]);
});

it('[TN30] [CL4] in a screening document the called person is listened to', async () => {
  await using stage = await Stage.open('<Dial><Client url="/screen">jenny</Client></Dial>', hearing());
  stage.application.on('/screen', `${ASK}<Hangup/>`);
  stage.application.on('/said', '<Pause length="0"/>');
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.answers();
  await listened(stage, hers);
  await stage.media?.speak(hers, [...voice, ...quiet]);
  await reached(call, 'joined');
  await call.disconnect();
});
