import { expect, it } from 'vitest';
import { LOOPBACK_LIMITS } from '../src/calls/loopbacks.ts';
import { Stage } from './conformance/stage.ts';
import { WirePhone } from './wire-phone.ts';

const HANG_UP = '<Response><Hangup/></Response>';
const SEND = { codecs: [{ mimeType: 'audio/opus' }], encodings: [] };

it('[QY21] a device hears itself, without a document, a leg or anybody else', async () => {
  await using stage = await Stage.open(HANG_UP);
  // A token that allows nothing will do: nobody is called.
  const token = await stage.token('alice', { incoming: false, outgoing: false });
  using alice = await WirePhone.connect(stage.socketUrl, token);
  alice.say({ type: 'capabilities', rtpCapabilities: { codecs: [] } });

  const answer = await alice.ask({ type: 'loopback', callId: 'line-0001' });
  expect(answer).toMatchObject({ type: 'reply', data: { media: { iceServers: [] } } });
  const transportId = answer.type === 'reply' ? answer.data.media?.send.id : '';
  const dtlsParameters = { fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }] };
  alice.say({ type: 'transportConnect', callId: 'line-0001', transportId, dtlsParameters });
  const sent = { kind: 'audio', source: 'microphone', rtpParameters: SEND, muted: false };
  alice.say({ type: 'produce', callId: 'line-0001', transportId, producerId: 'producer-1', ...sent });
  const consume = await alice.hears('consume');
  expect(consume).toMatchObject({ callId: 'line-0001', producerId: 'producer-1' });
  expect(consume).not.toHaveProperty('from');
  alice.say({ type: 'consuming', callId: 'line-0001', consumerId: consume.consumerId });
  await alice.hears('consumerResumed');

  expect(stage.application.asked).toEqual([]);
  expect(stage.gateway.counts()).toMatchObject({ calls: { calls: 0 }, media: { parties: 1 } });
  expect(await alice.ask({ type: 'hangup', callId: 'line-0001' })).toMatchObject({ type: 'reply' });
  expect(stage.gateway.counts().media).toMatchObject({ parties: 0, transports: 0 });
  expect(await alice.ask({ type: 'hangup', callId: 'line-0001' })).toMatchObject({
    type: 'refusal',
    error: { name: 'unknown-call' },
  });
});

it('[QY21] no more lines than the ceiling of a name, on however many devices; the place is free again afterwards', async () => {
  await using stage = await Stage.open(HANG_UP);
  using one = await WirePhone.connect(stage.socketUrl, await stage.token('alice'));
  using other = await WirePhone.connect(stage.socketUrl, await stage.token('alice'));
  for (let line = 0; line < LOOPBACK_LIMITS.perIdentityMax; line += 1) {
    const phone = line % 2 === 0 ? one : other;
    expect(await phone.ask({ type: 'loopback', callId: `line-000${line}` })).toMatchObject({ type: 'reply' });
  }
  const refused = { type: 'refusal', error: { name: 'too-many', retryAfterMs: 5000 } };
  expect(await one.ask({ type: 'loopback', callId: 'line-more' })).toMatchObject(refused);
  using jenny = await WirePhone.connect(stage.socketUrl, await stage.token('jenny'));
  expect(await jenny.ask({ type: 'loopback', callId: 'line-more' })).toMatchObject({ type: 'reply' });
  await one.ask({ type: 'hangup', callId: 'line-0000' });
  expect(await one.ask({ type: 'loopback', callId: 'line-more' })).toMatchObject({ type: 'reply' });
  // A device that leaves takes its lines along.
  for (const phone of [one, other, jenny]) phone.say({ type: 'bye' });
  await expect.poll(() => stage.gateway.counts().media.parties).toBe(0);
});

it('[QY21] two lines, or a line and a call, of one name are refused; a gateway that is drained opens none', async () => {
  await using stage = await Stage.open('<Response><Dial><Client>jenny</Client></Dial></Response>');
  using alice = await WirePhone.connect(stage.socketUrl, await stage.token('alice'));
  using jenny = await WirePhone.connect(stage.socketUrl, await stage.token('jenny'));
  const media = { audio: true, video: false };
  await alice.ask({ type: 'connect', callId: 'call-0001', params: { To: 'jenny' }, media });
  await jenny.hears('incoming');
  const wrong = { type: 'refusal', error: { name: 'wrong-state' } };
  expect(await alice.ask({ type: 'loopback', callId: 'call-0001' })).toMatchObject(wrong);
  await alice.ask({ type: 'loopback', callId: 'line-0001' });
  expect(await alice.ask({ type: 'loopback', callId: 'line-0001' })).toMatchObject(wrong);
  await alice.ask({ type: 'hangup', callId: 'line-0001' });
  await alice.ask({ type: 'hangup', callId: 'call-0001' });
});
