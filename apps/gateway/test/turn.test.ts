import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { createIceServers } from '../src/calls/turn.ts';
import { readConfig } from '../src/config.ts';
import { Stage } from './conformance/stage.ts';
import { WirePhone } from './wire-phone.ts';

const TURN = {
  PARLEY_TURN_URLS: 'turn:turn.test:3478?transport=udp,turns:turn.test:443',
  PARLEY_TURN_SECRET: 'a secret between friends',
  PARLEY_TURN_TTL_SECONDS: '600',
};
const RINGING = '<Response><Dial><Client>jenny</Client></Dial></Response>';

it('[QY1] a credential says when it ends and whose it is, and is what coturn computes', () => {
  const turn = readConfig(TURN).turn;
  const [server] = createIceServers(turn, () => 1_700_000_000_500)('alice');
  expect(server).toEqual({
    urls: ['turn:turn.test:3478?transport=udp', 'turns:turn.test:443'],
    username: '1700000600:alice',
    credential: createHmac('sha1', 'a secret between friends').update('1700000600:alice').digest('base64'),
  });
});

it('[QY1] without a TURN server there is no ICE server at all, and no STUN server in its place', () => {
  expect(createIceServers(readConfig({}).turn, Date.now)('alice')).toEqual([]);
});

it('[QY1] half a TURN server, or what is none, is refused with a sentence', () => {
  expect(() => readConfig({ PARLEY_TURN_URLS: 'turn:turn.test' })).toThrow(/go together/);
  expect(() => readConfig({ ...TURN, PARLEY_TURN_URLS: 'https://turn.test' })).toThrow(
    /PARLEY_TURN_URLS: expected turn: or turns: URLs/,
  );
});

it('[QY2] every offer, every renewal and every ICE restart carries a credential of the device it is for', async () => {
  await using stage = await Stage.open(RINGING, { environment: TURN });
  using alice = await WirePhone.connect(stage.socketUrl, await stage.token('alice'));
  using jenny = await WirePhone.connect(stage.socketUrl, await stage.token('jenny'));
  const callId = 'call-of-alice';

  const placed = await alice.ask({
    type: 'connect',
    callId,
    params: { To: 'jenny' },
    media: { audio: true, video: false },
  });
  const { offer } = await jenny.hears('incoming');
  const restarted = await alice.ask({ type: 'restartIce', callId });
  const renewed = await alice.ask({ type: 'renewMedia', callId });

  const named = (identity: string) => [
    expect.objectContaining({ username: expect.stringMatching(new RegExp(`^\\d+:${identity}$`)) }),
  ];
  expect(placed).toMatchObject({ data: { media: { iceServers: named('alice') } } });
  expect(offer.iceServers).toEqual(named('jenny'));
  expect(restarted).toMatchObject({ data: { iceServers: named('alice') } });
  expect(renewed).toMatchObject({ data: { media: { iceServers: named('alice') } } });
  await alice.ask({ type: 'hangup', callId });
});
