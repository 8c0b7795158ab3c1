import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { ClientMessage } from './client-message.ts';
import { CLOSE_CODES, mayRetryAfter } from './close-code.ts';
import { decodeClientMessage, decodeServerMessage, encodeMessage } from './codec.ts';
import { Identity } from './ids.ts';
import { ServerMessage } from './server-message.ts';
import { WIRE_ERRORS, wireError } from './wire-error.ts';

const callSid = `CA${'0123456789abcdef'.repeat(2)}`;
const callId = 'call-0001';
const transport = {
  id: 'transport-1',
  iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true },
  iceCandidates: [
    { foundation: 'udpcandidate', ip: '127.0.0.1', port: 1, priority: 1, protocol: 'udp', type: 'host' },
  ],
  dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] },
};
const offer = { send: transport, recv: transport };

/** One of each, as it may stand on the wire. */
const CLIENT_FRAMES = [
  { type: 'hello', version: 1, token: 't', register: true, device: { label: 'Laptop' } },
  { type: 'ping', lastSeq: 3 },
  { type: 'bye' },
  { type: 'capabilities', rtpCapabilities: { codecs: [] } },
  { type: 'register', id: '1', on: false },
  { type: 'renewToken', id: '2', token: 't' },
  { type: 'watchPresence', id: '3', on: true },
  { type: 'connect', id: '4', callId, params: { To: 'jenny' }, media: { audio: true, video: true } },
  { type: 'alerting', callId },
  { type: 'accept', id: '5', callId, media: { audio: true, video: false } },
  { type: 'reject', id: '6', callId, everywhere: false },
  { type: 'hangup', id: '7', callId },
  { type: 'digits', id: '8', callId, digits: '1w2#' },
  { type: 'hold', id: '11', callId, on: true },
  { type: 'transfer', id: '12', callId, to: 'bob', params: { 'X-Why': 'lunch' } },
  { type: 'merge', id: '13', callId, with: 'call-0002' },
  { type: 'video', id: '14', callId, on: true },
  { type: 'videoAnswer', id: '15', callId, accepted: false },
  { type: 'message', id: '16', callId, content: '{}', contentType: 'application/json', messageType: 'note' },
  { type: 'loopback', id: '8a', callId },
  { type: 'feedback', id: '8b', callId, score: 2, issue: 'choppy-audio' },
  { type: 'transportConnect', callId, transportId: 'transport-1', dtlsParameters: transport.dtlsParameters },
  {
    type: 'produce',
    callId,
    transportId: 'transport-1',
    producerId: 'producer-1',
    kind: 'audio',
    source: 'microphone',
    rtpParameters: { codecs: [] },
    muted: false,
  },
  { type: 'producerMuted', callId, producerId: 'producer-1', muted: true },
  { type: 'producerClosed', callId, producerId: 'producer-1' },
  { type: 'consuming', callId, consumerId: 'consumer-1' },
  { type: 'keyFrame', callId, consumerId: 'consumer-1' },
  { type: 'preferQuality', callId, consumerId: 'consumer-1', quality: 'low' },
  { type: 'mayReturn' },
  { type: 'restartIce', id: '9', callId },
  { type: 'renewMedia', id: '10', callId },
  { type: 'mediaFlow', id: '10', callId },
];

const SERVER_FRAMES = [
  {
    type: 'welcome',
    sessionId: 'session-1',
    resumeToken: 'r',
    resumed: false,
    identity: 'alice',
    registered: true,
    heartbeatMs: 15_000,
    graceMs: 30_000,
    tokenExpiresInMs: 60_000,
    rtpCapabilities: {},
    calls: [
      {
        callId,
        callSid,
        direction: 'outgoing',
        phase: 'joined',
        other: { identity: 'bob' },
        params: {},
        video: true,
      },
    ],
    lastSeq: 0,
  },
  { type: 'pong' },
  { type: 'reply', re: '4', ok: true, data: { callSid, media: offer } },
  { type: 'refusal', re: '4', error: wireError('too-many', 'full', 5000) },
  {
    type: 'incoming',
    seq: 1,
    callId,
    callSid,
    from: 'alice',
    to: 'jenny',
    params: { tier: 'gold' },
    media: { audio: true, video: true },
    offer,
  },
  { type: 'ringing', seq: 2, callId },
  { type: 'answered', seq: 3, callId },
  { type: 'screening', seq: 4, callId },
  { type: 'joined', seq: 5, callId, other: { identity: 'alice' }, video: true },
  { type: 'parted', seq: 6, callId },
  {
    type: 'participants',
    seq: 7,
    callId,
    conference: { name: 'room', started: true, muted: false, onHold: false },
    people: [{ id: '1', identity: 'bob', deviceLabel: 'Phone', muted: true, onHold: false }],
  },
  { type: 'digits', seq: 7, callId, digits: '1' },
  {
    type: 'standing',
    seq: 7,
    callId,
    standing: { held: { local: true, remote: false }, video: false, asks: 'local', transferring: true },
    outcome: 'transfer-failed',
    reason: 'busy',
  },
  {
    type: 'message',
    seq: 7,
    callId,
    message: { id: 'KX1', content: '{}', contentType: 'application/json', messageType: 'note' },
  },
  {
    type: 'ended',
    seq: 8,
    callId,
    callSid,
    reason: 'answered-elsewhere',
    by: 'remote',
    elsewhere: { identity: 'jenny', deviceLabel: 'Phone' },
    durationMs: 0,
  },
  {
    type: 'consume',
    seq: 9,
    callId,
    consumerId: 'consumer-1',
    producerId: 'producer-1',
    kind: 'video',
    source: 'camera',
    rtpParameters: {},
    muted: false,
  },
  { type: 'consumerResumed', seq: 10, callId, consumerId: 'consumer-1' },
  { type: 'consumerMuted', seq: 11, callId, consumerId: 'consumer-1', muted: true },
  { type: 'consumerClosed', seq: 12, callId, consumerId: 'consumer-1' },
  { type: 'mediaReset', seq: 13, callId, offer },
  { type: 'producerQuality', seq: 17, callId, producerId: 'producer-1', quality: 'medium' },
  { type: 'presence', seq: 14, people: [{ identity: 'bob', devices: 2, busy: false }] },
  { type: 'tokenExpiring', seq: 15, inMs: 30_000 },
  { type: 'goAway', seq: 16, inMs: 1000 },
];

describe('the codec', () => {
  it('[PR1] has an example of every message of either side', () => {
    const types = (frames: readonly { type: string }[]) => frames.map((frame) => frame.type).toSorted();
    expect(types(CLIENT_FRAMES)).toEqual(
      ClientMessage.options.map((each) => each.entries.type.literal).toSorted(),
    );
    expect(types(SERVER_FRAMES)).toEqual(
      ServerMessage.options.map((each) => each.entries.type.literal).toSorted(),
    );
  });

  it.each(CLIENT_FRAMES)('[PR1] carries $type to the gateway', (frame) => {
    const decoded = decodeClientMessage(encodeMessage(v.parse(ClientMessage, frame)));
    expect(decoded).toEqual({ ok: true, message: frame });
  });

  it.each(SERVER_FRAMES)('[PR1] carries $type to the SDK', (frame) => {
    const decoded = decodeServerMessage(encodeMessage(v.parse(ServerMessage, frame)));
    expect(decoded).toEqual({ ok: true, message: frame });
  });

  it.each(['', 'hello', '[]', 'null', '"ping"', '{}', '{"type":1}', '{"type":"ping"'])(
    '[PR2] refuses %j as malformed',
    (frame) => {
      expect(decodeClientMessage(frame)).toMatchObject({ ok: false, error: { name: 'malformed-frame' } });
      expect(decodeServerMessage(frame)).toMatchObject({ ok: false, error: { name: 'malformed-frame' } });
    },
  );

  it('[PR2] never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (frame) => {
        expect(typeof decodeClientMessage(frame).ok).toBe('boolean');
        expect(typeof decodeServerMessage(frame).ok).toBe('boolean');
      }),
    );
  });

  it('[PR3] refuses a type it does not know, and says which request cannot be carried out', () => {
    const decoded = decodeClientMessage('{"type":"teleport","id":"77"}');
    expect(decoded).toMatchObject({ ok: false, unknownType: true, re: '77', error: { code: 31101 } });
    const notified = decodeServerMessage('{"type":"hologram","seq":12}');
    expect(notified).toMatchObject({ ok: false, unknownType: true, seq: 12 });
  });

  it('[PR4] names the wrong field and repeats no value', () => {
    const frame = {
      type: 'hello',
      version: 1,
      token: { secret: 'do-not-repeat-me' },
      register: true,
      device: {},
    };
    const decoded = decodeClientMessage(JSON.stringify(frame));
    expect(decoded).toMatchObject({ ok: false, error: { name: 'malformed-frame' } });
    expect(JSON.stringify(decoded)).toContain('hello.token');
    expect(JSON.stringify(decoded)).not.toContain('do-not-repeat-me');
  });

  it('[PR5] drops fields from the future', () => {
    expect(decodeClientMessage('{"type":"bye","farewell":"long"}')).toEqual({
      ok: true,
      message: { type: 'bye' },
    });
  });

  it.each(['alice', 'alice@example.com', 'Ünïcode Näme', 'a', 'x'.repeat(128), '+4930123456'])(
    '[PR6] takes %j as a name',
    (name) => expect(v.is(Identity, name)).toBe(true),
  );

  it.each(['', ' alice', 'alice ', 'a?b', 'a\nb', 'client:alice', 'x'.repeat(129), '\u0000'])(
    '[PR6] refuses %j as a name',
    (name) => expect(v.is(Identity, name)).toBe(false),
  );

  it('[PR7] refuses more parameters than anybody needs', () => {
    const connect = (params: Record<string, string>) =>
      decodeClientMessage(
        JSON.stringify({ type: 'connect', id: '1', callId, params, media: { audio: true, video: false } }),
      ).ok;
    expect(connect({ note: 'x'.repeat(4092) })).toBe(true);
    expect(connect({ note: 'x'.repeat(4093) })).toBe(false);
    expect(connect(Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, ''])))).toBe(
      false,
    );
  });

  it('[PR4] says what is wrong where nothing else was expected', () => {
    const params = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, '']));
    const frame = { type: 'connect', id: '1', callId, params, media: { audio: true, video: false } };
    expect(decodeClientMessage(JSON.stringify(frame))).toMatchObject({
      error: { message: 'connect.params: too many parameters' },
    });
  });

  it('[PR8] says of every close code whether trying again could help', () => {
    for (const { code, retry } of Object.values(CLOSE_CODES)) expect(mayRetryAfter(code)).toBe(retry);
    expect(mayRetryAfter(1006)).toBe(true);
    const codes = Object.values(CLOSE_CODES).map((entry) => entry.code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('[PR9] gives every refusal one number and a sentence that helps', () => {
    const refusals = Object.values(WIRE_ERRORS);
    expect(new Set(refusals.map((refusal) => refusal.code)).size).toBe(refusals.length);
    for (const refusal of refusals) expect(refusal.help).toMatch(/\.$/);
  });
});
