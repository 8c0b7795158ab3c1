// What callers hear while they wait, against a gateway that runs.
import { expect, it } from 'vitest';
import { become, soon } from './soon.ts';
import { Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const RING = '<Dial ringTone="de" action="/after"><Client>jenny</Client></Dial>';

/** A second of silence, 16 bits, 8 kHz. */
function wav(): Buffer {
  const bytes = Buffer.alloc(44 + 16_000);
  bytes.write('RIFF....WAVEfmt ', 'latin1');
  [16, 0x0001_0001, 8000, 16_000, 0x0010_0002].forEach((word, i) => bytes.writeUInt32LE(word, 16 + i * 4));
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(16_000, 40);
  return bytes;
}

it('[TN1] [TN2] [TN3] the gateway rings back where the document says how, until somebody is joined', async () => {
  await using stage = await Stage.open(RING);
  stage.application.on('/after', '<Hangup/>');
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const told: boolean[] = [];
  call.on('ringing', (hasEarlyMedia) => told.push(hasEarlyMedia));
  const hers = await jenny.rings();
  await become(
    () => stage.media?.sounds(call) === true,
    () => 'something to be heard by the caller',
  );
  expect(call.store.getSnapshot()).toMatchObject({ status: 'ringing', answeredAtMs: null });
  expect(told).toEqual([true]);
  await hers.accept();
  await reached(call, 'joined');
  expect(stage.media?.sounds(call)).toBe(false);
  await call.disconnect();
});

it('[TN2] [CL4] she hears it while the other is screened', async () => {
  await using stage = await Stage.open(
    '<Dial dialMusic="/waltz.wav"><Client url="/screen">jenny</Client></Dial>',
  );
  stage.application.on('/waltz.wav', { type: 'audio/wav', body: wav() });
  stage.application.on('/screen', '<Gather numDigits="1" timeout="60"/><Hangup/>');
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.answers();
  await reached(hers, 'screening');
  await become(
    () => stage.media?.sounds(call) === true,
    () => 'the waltz',
  );
  expect(stage.application.at('/waltz.wav')).toMatchObject([{ method: 'GET' }]);
  await hers.disconnect();
  expect(await ended(call)).toMatchObject({ reason: 'no-answer' });
});

it('[TN4] [VO13] dialMusic is fetched under the guards of a document; it rings instead, and the author is told', async () => {
  await using stage = await Stage.open(
    '<Dial dialMusic="http://127.0.0.1:9/waltz.wav"><Client>jenny</Client></Dial>',
  );
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await jenny.rings();
  await become(
    () => stage.media?.sounds(call) === true,
    () => 'a tone in place of the music',
  );
  expect(stage.notifications().map(({ callSid }) => callSid)).toEqual([call.parameters.CallSid]);
  expect(stage.notifications()[0]?.message).toContain('"http://127.0.0.1:9/waltz.wav" is not heard: ');
  await call.disconnect();
});

it('[TN5] [CL8] a call that nobody could take ends with the tone of the country', async () => {
  await using stage = await Stage.open(RING.replace(' action="/after"', ''));
  const call = await stage.alice();
  expect(await ended(call)).toMatchObject({
    reason: 'not-registered',
    tone: [
      { hertz: [425], ms: 240 },
      { hertz: [], ms: 240 },
    ],
  });
  const jenny = await stage.phone('jenny');
  const again = await stage.alice();
  (await jenny.rings()).reject();
  expect(await ended(again)).toMatchObject({
    reason: 'rejected',
    tone: [
      { hertz: [425], ms: 480 },
      { hertz: [], ms: 480 },
    ],
  });
});

it('[CF14] [TN11] [TN13] a conference that has not begun: music of ours, a document that is asked again, or silence', async () => {
  await using stage = await Stage.open(({ params }) => {
    const wait = { alice: '', bob: 'waitUrl="/wait?who=bob"', carol: 'waitUrl=""' }[
      params['From']?.replace('client:', '') ?? ''
    ];
    return `<Dial><Conference startConferenceOnEnter="false" ${wait}>blue</Conference></Dial>`;
  });
  stage.application.on('/wait', ({ headers }) => ({
    type: 'text/xml',
    headers: { 'set-cookie': 'song=2' },
    body:
      headers.cookie === 'song=2'
        ? '<Response><Play loop="0">/song.wav</Play></Response>'
        : '<Response><Pause/></Response>',
  }));
  stage.application.on('/song.wav', { type: 'audio/wav', body: wav() });
  const [alice, bob, carol] = await stage.phones('alice', 'bob', 'carol');
  const calls = [];
  for (const phone of [alice, bob, carol]) {
    const call = await phone.device.connect({ to: 'blue' });
    await soon(
      () => call.store.getSnapshot().conference ?? undefined,
      () => 'the conference',
    );
    calls.push(call);
  }
  const [a, b, c] = calls;
  if (a === undefined || b === undefined || c === undefined) throw new Error('three calls');
  await become(
    () => stage.media?.sounds(a) === true && stage.media.sounds(b),
    () => 'music for two',
  );
  const asked = stage.application.at('/wait');
  expect(asked).toHaveLength(2);
  expect(asked[0]).toMatchObject({
    method: 'POST',
    params: {
      CallSid: b.parameters.CallSid,
      CallStatus: 'in-progress',
      From: 'client:bob',
      FriendlyName: 'blue',
    },
  });
  expect(asked[0]?.params['ConferenceSid']).toMatch(/^CF[0-9a-f]{32}$/);
  expect(stage.media?.sounds(c)).toBe(false);
  for (const call of calls) await call.disconnect();
});

it('[TN15] a waitUrl that is broken is told to its author, and music of ours is heard', async () => {
  await using stage = await Stage.open(
    '<Dial><Conference startConferenceOnEnter="false" waitUrl="/nothing">blue</Conference></Dial>',
  );
  const call = await stage.alice('blue');
  await become(
    () => stage.media?.sounds(call) === true,
    () => 'music in place of the document',
  );
  expect(stage.notifications().map(({ code }) => code)).toEqual([21402]);
  await call.disconnect();
});
