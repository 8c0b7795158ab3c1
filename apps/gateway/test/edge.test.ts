import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  CLOSE_CODES,
  SUSPENDED_CLOSE_CODE,
  type CallSnapshot,
  type Identity,
  type PresenceEntry,
  type Unnumbered,
} from '@parley/protocol';
import { WebSocket } from 'ws';
import type { DeviceSession } from '../src/edge/device-session.ts';
import { WireRefusal } from '../src/edge/wire-refusal.ts';
import {
  ACCOUNT,
  CAPABILITIES,
  OTHER_ACCOUNT,
  OTHER_SECRET,
  Phone,
  TestEdge,
  tokenFor,
} from './edge-phone.ts';

const CALL_ID = 'call-0001';
const MEDIA = { audio: true, video: false };
const CONNECT = { type: 'connect', callId: CALL_ID, params: {}, media: MEDIA };

const digits = (text: string): Unnumbered => ({ type: 'digits', callId: CALL_ID as never, digits: text });

function deviceOf(edge: TestEdge, identity: string, accountSid = ACCOUNT): DeviceSession {
  const [device] = edge.registry.devicesOf(accountSid, identity as Identity);
  if (device === undefined) throw new Error(`${identity} has no device that may be rung`);
  return device;
}

/** Resolves when the registry announces it. */
function announced(
  edge: TestEdge,
  event: 'away' | 'back' | 'registered' | 'unregistered' | 'gone',
): Promise<DeviceSession> {
  return new Promise((resolve) => {
    const stop = edge.registry.listen({
      [event]: (device: DeviceSession) => {
        stop();
        resolve(device);
      },
    });
  });
}

describe('the first frame', () => {
  it('[AC15] must come in time', async () => {
    await using edge = await TestEdge.open({ limits: { helloTimeoutMs: 40 } });
    const phone = await edge.phone();
    expect((await phone.closed).code).toBe(CLOSE_CODES.helloTimeout.code);
  });

  it('[AC15] must be hello: anything else is refused, and the deadline stays', async () => {
    await using edge = await TestEdge.open({ limits: { helloTimeoutMs: 60 } });
    const phone = await edge.phone();
    expect(await phone.ask({ type: 'register', on: true })).toMatchObject({
      error: { name: 'not-registered' },
    });
    phone.say({ type: 'ping', lastSeq: 0 });
    expect(await phone.next()).toMatchObject({ type: 'refusal', error: { name: 'not-registered' } });
    expect((await phone.closed).code).toBe(CLOSE_CODES.helloTimeout.code);
  });

  it('[AC4] [SS1] is welcomed with what the device needs to know', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.phone();
    const welcome = await phone.hello(await tokenFor('jenny'), { device: { label: 'desk' } });
    expect(welcome).toMatchObject({
      resumed: false,
      identity: 'jenny',
      registered: true,
      heartbeatMs: 15_000,
      graceMs: 30_000,
      rtpCapabilities: { codecs: ['opus'] },
      calls: [],
      lastSeq: 0,
    });
    expect(welcome.tokenExpiresInMs).toBeGreaterThan(3_590_000);
    expect(welcome.tokenExpiresInMs).toBeLessThanOrEqual(3_600_000);
    const [event] = await edge.door.heard('registered');
    expect(event?.device).toMatchObject({
      identity: 'jenny',
      accountSid: ACCOUNT,
      label: 'desk',
      online: true,
    });
    expect(edge.registry.devicesOf(ACCOUNT, 'jenny' as Identity)).toEqual([event?.device]);
    expect(edge.registry.counts).toEqual({ sessions: 1, online: 1, registered: 1, people: 1 });
  });

  it('[AC9] with a token that is not valid is refused and closed', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.phone();
    phone.sayHello(await tokenFor('jenny', { secret: OTHER_SECRET }));
    expect(await phone.next()).toMatchObject({
      type: 'refusal',
      error: { name: 'token-invalid', code: 20101 },
    });
    expect((await phone.closed).code).toBe(CLOSE_CODES.tokenRefused.code);
    expect(edge.registry.counts.sessions).toBe(0);
  });

  it('[AC9] with a token that has expired is refused and closed with its own code', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.phone();
    phone.sayHello(await tokenFor('jenny', { ttlSeconds: -60 }));
    expect(await phone.next()).toMatchObject({
      type: 'refusal',
      error: { name: 'token-expired', code: 20104 },
    });
    expect((await phone.closed).code).toBe(CLOSE_CODES.tokenExpired.code);
  });

  it('[AC1] is the only place for a token', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.phone({}, `/parley?token=${await tokenFor('jenny')}`);
    phone.sayHello('no token here');
    expect(await phone.next()).toMatchObject({ error: { name: 'token-invalid' } });
  });

  it('[AC8] with a token without incoming.allow: welcome, never rung, and told so', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.phone();
    const welcome = await phone.hello(await tokenFor('jenny', { incoming: false }));
    expect(welcome.registered).toBe(false);
    expect(edge.registry.devicesOf(ACCOUNT, 'jenny' as Identity)).toEqual([]);
    expect(await phone.ask({ type: 'register', on: true })).toMatchObject({ error: { name: 'forbidden' } });
    expect(edge.door.of('registered')).toEqual([]);
  });

  it('[AC19] in another version closes', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.phone();
    phone.sayHello(await tokenFor('jenny'), { version: 2 });
    expect(await phone.next()).toMatchObject({ error: { name: 'unsupported-version' } });
    expect((await phone.closed).code).toBe(CLOSE_CODES.unsupportedVersion.code);
  });

  it('[AC24] may be followed at once: what comes before the welcome is read after it, in order', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.phone();
    phone.sayHello(await tokenFor('jenny'));
    phone.say({ id: 'one', ...CONNECT });
    phone.say({ type: 'alerting', callId: CALL_ID });
    phone.say({ type: 'hangup', id: 'two', callId: CALL_ID });
    expect((await phone.next()).type).toBe('welcome');
    expect(await phone.next()).toMatchObject({ type: 'reply', re: 'one' });
    expect(await phone.next()).toMatchObject({ type: 'reply', re: 'two' });
    const said = edge.door.events.flatMap((event) => ('message' in event ? [event.message.type] : []));
    expect(said).toEqual(['connect', 'alerting', 'hangup']);
  });

  it('[AC24] may be followed by so much and no more', async () => {
    await using edge = await TestEdge.open({ limits: { framesBeforeWelcomeMax: 2 } });
    const phone = await edge.phone();
    phone.sayHello(await tokenFor('jenny'));
    for (let n = 0; n < 3; n++) phone.say({ type: 'ping', lastSeq: 0 });
    expect((await phone.closed).code).toBe(CLOSE_CODES.tooMany.code);
    expect(edge.registry.counts.sessions).toBe(0);
  });
});

describe('frames', () => {
  it.each([
    ['that are not JSON', 'hello?'],
    ['that are no message', '[1, 2]'],
    ['with a field that is wrong', '{"type":"ping","lastSeq":"one"}'],
  ])('[AC17] %s and name no request are refused, and close', async (_, frame) => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    phone.socket.send(frame);
    expect(await phone.next()).toMatchObject({ type: 'refusal', error: { name: 'malformed-frame' } });
    expect((await phone.closed).code).toBe(CLOSE_CODES.malformedFrame.code);
    expect(deviceOf(edge, 'jenny').online).toBe(false);
  });

  it('[AC17] that are binary are not frames of ours', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    phone.socket.send(Buffer.from('{"type":"bye"}'), { binary: true });
    expect((await phone.closed).code).toBe(CLOSE_CODES.malformedFrame.code);
    expect(deviceOf(edge, 'jenny').online).toBe(false);
  });

  it('[AC17] that break RFC 6455 close too, with a code that tells the SDK not to try again', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    // Invalid UTF-8 in a text frame.
    phone.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    expect((await phone.closed).code).toBe(CLOSE_CODES.malformedFrame.code);
  });

  it('[AC17] that name a request are refused with its id, and the ninth closes', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    for (let n = 0; n < 8; n++) {
      expect(await phone.ask({ type: 'hangup', callId: 7 })).toMatchObject({
        error: { name: 'malformed-frame' },
      });
    }
    await phone.inStep();
    await phone.ask({ type: 'hangup', callId: 7 });
    expect((await phone.closed).code).toBe(CLOSE_CODES.malformedFrame.code);
  });

  it('[AC16] above the ceiling close with their own code', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    phone.socket.send(`{"type":"ping","lastSeq":0,"pad":"${'x'.repeat(64 * 1024)}"}`);
    expect((await phone.closed).code).toBe(CLOSE_CODES.frameTooLarge.code);
    expect(deviceOf(edge, 'jenny').online).toBe(false);
  });

  it('[AC16] just below the ceiling are read', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    const frame = '{"type":"ping","lastSeq":0,"pad":""}';
    phone.socket.send(frame.replace('""', `"${'x'.repeat(64 * 1024 - frame.length)}"`));
    expect((await phone.next()).type).toBe('pong');
  });

  it('[AC18] of a type that is not known are refused, and nothing else is disturbed', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    expect(await phone.ask({ type: 'teleport', to: 'mars' })).toMatchObject({
      error: { name: 'unknown-message' },
    });
    phone.say({ type: 'teleport' });
    const told = await phone.next();
    expect(told).toMatchObject({ type: 'refusal', error: { name: 'unknown-message' } });
    expect(told).not.toHaveProperty('re');
    await phone.inStep();
    expect(deviceOf(edge, 'jenny').online).toBe(true);
  });

  it('[AC22] come at a rate', async () => {
    await using edge = await TestEdge.open({ limits: { framesPerSecond: 1, frameBurst: 10 } });
    const phone = await edge.welcomed('jenny');
    for (let n = 0; n < 10; n++) phone.say({ type: 'ping', lastSeq: 0 });
    expect(await phone.nextOf('refusal')).toMatchObject({ error: { name: 'rate-limited' } });
    expect((await phone.closed).code).toBe(CLOSE_CODES.tooMany.code);
    expect(phone.frames.filter((frame) => frame.type === 'pong')).toHaveLength(9);
    // The session has its grace.
    const again = await edge.phone();
    expect((await again.hello(await tokenFor('jenny'), phone.resumption(0))).resumed).toBe(true);
  });

  it('[AC26] reach the host of calls in the order of the socket, whatever takes time', async () => {
    await using edge = await TestEdge.open();
    const { promise: media, resolve } = Promise.withResolvers<void>();
    edge.door.answer = async (message) => {
      if (message.type === 'connect') await media;
      return {};
    };
    const phone = await edge.welcomed('jenny');
    phone.say({ id: 'one', ...CONNECT });
    phone.say({
      type: 'transportConnect',
      callId: CALL_ID,
      transportId: 't',
      dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'x' }] },
    });
    phone.say({ type: 'hangup', id: 'two', callId: CALL_ID });
    expect(await phone.next()).toMatchObject({ type: 'reply', re: 'two' });
    resolve();
    expect(await phone.next()).toMatchObject({ type: 'reply', re: 'one' });
    const said = edge.door.events.flatMap((event) => ('message' in event ? [event.message.type] : []));
    expect(said).toEqual(['connect', 'transportConnect', 'hangup']);
  });

  it('[AC26] that fail behind the door are told as ours, or as the refusal that was meant', async () => {
    await using edge = await TestEdge.open();
    edge.door.answer = async (message) => {
      if (message.type === 'hangup') throw new WireRefusal('unknown-call', 'there is no such call');
      throw new Error('a secret of ours');
    };
    edge.door.message = () => {
      throw new Error('a secret of ours');
    };
    const phone = await edge.welcomed('jenny');
    expect(await phone.ask({ type: 'hangup', callId: CALL_ID })).toMatchObject({
      error: { name: 'unknown-call' },
    });
    const failed = await phone.ask(CONNECT);
    expect(failed).toMatchObject({ error: { name: 'internal' } });
    expect(JSON.stringify(failed)).not.toContain('secret');
    phone.say({ type: 'alerting', callId: CALL_ID });
    await phone.inStep();
    expect(edge.log.lines.filter((line) => line.startsWith('error'))).toHaveLength(2);
  });

  it('[SS11] repeated with the same id are carried out once', async () => {
    await using edge = await TestEdge.open();
    const { promise: media, resolve } = Promise.withResolvers<void>();
    edge.door.answer = async () => {
      await media;
      return { callSid: 'CA00000000000000000000000000000001' as never };
    };
    const phone = await edge.welcomed('jenny');
    phone.say({ id: 'one', ...CONNECT });
    phone.say({ id: 'one', ...CONNECT });
    await phone.inStep();
    phone.cut();
    await announced(edge, 'away');
    const again = await edge.phone();
    await again.hello(await tokenFor('jenny'), phone.resumption(0));
    again.say({ id: 'one', ...CONNECT });
    await again.inStep();
    resolve();
    const reply = await again.nextOf('reply');
    again.say({ id: 'one', ...CONNECT });
    expect(await again.nextOf('reply')).toEqual(reply);
    expect(edge.door.of('request')).toHaveLength(1);
  });

  it('[AC26] with what the browser can receive are kept once for all who can receive the same', async () => {
    await using edge = await TestEdge.open();
    const phones = [await edge.welcomed('jenny'), await edge.welcomed('jim')];
    for (const phone of phones) phone.say({ type: 'capabilities', rtpCapabilities: CAPABILITIES });
    const [jenny, jim] = await edge.door.heard('capabilities', 2);
    expect(jenny?.device.rtpCapabilities).toEqual(CAPABILITIES);
    expect(jenny?.device.rtpCapabilities).toBe(jim?.device.rtpCapabilities);
  });
});

describe('coming back', () => {
  it('[SS2] [SS10] [AC12] a resumed session has the calls first, then what was missed, then what is new', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    const device = deviceOf(edge, 'jenny');
    device.tell(digits('1'));
    device.tell(digits('2'));
    await phone.inStep();
    phone.cut();
    await announced(edge, 'away');
    expect(device.online).toBe(false);
    expect(device.registered).toBe(true);
    device.tell(digits('3'));
    const call = { callId: CALL_ID, callSid: 'CA00000000000000000000000000000001', direction: 'incoming' };
    edge.door.calls = [{ ...call, phase: 'ringing', params: {}, video: false } as unknown as CallSnapshot];
    const again = await edge.phone();
    const back = announced(edge, 'back');
    const welcome = await again.hello(await tokenFor('jenny'), phone.resumption(1));
    expect(welcome).toMatchObject({
      resumed: true,
      lastSeq: 3,
      sessionId: phone.welcome.sessionId,
      calls: [call],
    });
    expect(await again.next()).toMatchObject({ seq: 2, digits: '2' });
    expect(await again.next()).toMatchObject({ seq: 3, digits: '3' });
    expect(await back).toBe(device);
    device.tell(digits('4'));
    expect(await again.next()).toMatchObject({ seq: 4, digits: '4' });
    expect(edge.door.of('gone')).toEqual([]);
    expect(edge.door.of('registered')).toHaveLength(1);
  });

  it('[LG11] the host of calls is told how a device is away, and that it is back', async () => {
    await using edge = await TestEdge.open();
    const aside = await edge.welcomed('jenny');
    const cut = await edge.welcomed('otto');
    aside.socket.close(SUSPENDED_CLOSE_CODE, 'suspended');
    await edge.door.heard('away');
    cut.cut();
    const [first, second] = await edge.door.heard('away', 2);
    expect(first).toMatchObject({ how: 'suspended', device: { identity: 'jenny', away: 'suspended' } });
    expect(second).toMatchObject({ how: 'lost', device: { identity: 'otto', away: 'lost' } });

    const again = await edge.phone();
    await again.hello(await tokenFor('jenny'), aside.resumption(0));
    const [back] = await edge.door.heard('back');
    expect(back?.device).toBe(first?.device);
    expect(back?.device.away).toBeUndefined();
    // Put aside once is not put aside for ever.
    again.cut();
    expect((await edge.door.heard('away', 3))[2]).toMatchObject({ how: 'lost' });
  });

  it('[SS2] nothing is lost and nothing comes twice, however often the wire is cut', async () => {
    await using edge = await TestEdge.open();
    let phone = await edge.welcomed('jenny');
    const first = phone;
    const device = deviceOf(edge, 'jenny');
    const got: number[] = [];
    let told = 0;
    for (let round = 0; round < 20; round++) {
      for (let n = 0; n <= round % 4; n++) device.tell(digits(String((told += 1) % 10)));
      // Some rounds read everything, some are cut with frames on their way.
      if (round % 3 === 0) await phone.inStep(got.at(-1));
      phone.cut();
      if (round % 2 === 0 && device.online) await announced(edge, 'away');
      got.push(...phone.frames.flatMap((frame) => ('seq' in frame ? [frame.seq] : [])));
      device.tell(digits(String((told += 1) % 10)));
      phone = await edge.phone();
      await phone.hello(await tokenFor('jenny'), first.resumption(got.at(-1) ?? 0));
    }
    await phone.inStep(got.at(-1));
    got.push(...phone.frames.flatMap((frame) => ('seq' in frame ? [frame.seq] : [])));
    expect(got).toEqual(Array.from({ length: told }, (_, index) => index + 1));
    expect(edge.registry.counts).toMatchObject({ sessions: 1, online: 1 });
  });

  it('[SS9] a newer socket replaces the older, and nobody was away', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    const again = await edge.phone();
    expect((await again.hello(await tokenFor('jenny'), phone.resumption(0))).resumed).toBe(true);
    expect((await phone.closed).code).toBe(CLOSE_CODES.replaced.code);
    await again.inStep();
    expect(deviceOf(edge, 'jenny').online).toBe(true);
    deviceOf(edge, 'jenny').tell(digits('1'));
    expect(await again.next()).toMatchObject({ seq: 1 });
  });

  it('[SS10] a device that missed too much gets a fresh session, and the old one is gone', async () => {
    await using edge = await TestEdge.open({ limits: { replayFramesMax: 2 } });
    const phone = await edge.welcomed('jenny');
    const old = deviceOf(edge, 'jenny');
    phone.cut();
    await announced(edge, 'away');
    for (let n = 0; n < 3; n++) old.tell(digits('1'));
    const again = await edge.phone();
    const welcome = await again.hello(await tokenFor('jenny'), phone.resumption(0));
    expect(welcome).toMatchObject({ resumed: false, lastSeq: 0 });
    expect(welcome.sessionId).not.toBe(old.id);
    expect(edge.door.of('gone')).toMatchObject([{ device: old, how: 'lost' }]);
    expect(edge.registry.devicesOf(ACCOUNT, 'jenny' as Identity)).toHaveLength(1);
  });

  it('[AC12] needs the resume token', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    const { sessionId, resumeToken } = phone.welcome;
    const wrong = resumeToken.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    for (const guess of [wrong, '', 'x'.repeat(256)]) {
      const again = await edge.phone();
      const resume = { sessionId, resumeToken: guess, lastSeq: 0 };
      expect((await again.hello(await tokenFor('jenny'), { resume })).resumed).toBe(false);
    }
    expect(edge.registry.counts.sessions).toBe(4);
    await phone.inStep();
  });

  it('[AC13] does not need an access token that is still valid, only one that once was', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    phone.cut();
    await announced(edge, 'away');
    const forger = await edge.phone();
    forger.sayHello(await tokenFor('jenny', { secret: OTHER_SECRET }), phone.resumption(0));
    expect((await forger.closed).code).toBe(CLOSE_CODES.tokenRefused.code);
    expect(deviceOf(edge, 'jenny').id).toBe(phone.welcome.sessionId);
    const again = await edge.phone();
    const welcome = await again.hello(await tokenFor('jenny', { ttlSeconds: -600 }), phone.resumption(0));
    expect(welcome.resumed).toBe(true);
    // The session's own token counts, and that has an hour left.
    expect(welcome.tokenExpiresInMs).toBeGreaterThan(3_000_000);
  });

  it('[AC14] opens no session of another name', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    const other = await edge.phone();
    expect(await other.hello(await tokenFor('mallory'), phone.resumption(0))).toMatchObject({
      resumed: false,
      identity: 'mallory',
    });
    await phone.inStep();
  });
});

describe('leaving', () => {
  it('[SS7] bye is at once', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    const device = deviceOf(edge, 'jenny');
    phone.say({ type: 'bye' });
    expect(await phone.closed).toEqual({ code: 1000, reason: 'bye' });
    expect(edge.door.of('gone')).toEqual([{ type: 'gone', device, how: 'bye' }]);
    expect(edge.registry.counts).toEqual({ sessions: 0, online: 0, registered: 0, people: 0 });
    expect(device).toMatchObject({ online: false, registered: false });
    device.tell(digits('1'));
  });

  it('[SS6] [SS8] a lost socket has its grace, and then the device is gone, once', async () => {
    await using edge = await TestEdge.open({ limits: { graceMs: 60 } });
    const phone = await edge.welcomed('jenny');
    phone.cut();
    const device = await announced(edge, 'away');
    expect(edge.door.of('gone')).toEqual([]);
    expect(edge.registry.devicesOf(ACCOUNT, 'jenny' as Identity)).toEqual([device]);
    const awayAtMs = performance.now();
    expect(await edge.door.heard('gone')).toEqual([{ type: 'gone', device, how: 'lost' }]);
    expect(performance.now() - awayAtMs).toBeGreaterThan(50);
    const again = await edge.phone();
    expect((await again.hello(await tokenFor('jenny'), phone.resumption(0))).resumed).toBe(false);
    expect(edge.door.of('gone')).toHaveLength(1);
  });

  it('[SS5] a page that does not speak is lost, though its browser answers pings', async () => {
    await using edge = await TestEdge.open({ limits: { heartbeatMs: 40, graceMs: 10_000 } });
    const phone = await edge.welcomed('jenny');
    const browser = setInterval(() => phone.socket.ping(), 10);
    expect((await phone.closed).code).toBe(CLOSE_CODES.heartbeatLost.code);
    clearInterval(browser);
    expect(deviceOf(edge, 'jenny').online).toBe(false);
  });

  it('[SS5] a page that pings stays', async () => {
    await using edge = await TestEdge.open({ limits: { heartbeatMs: 200 } });
    const phone = await edge.welcomed('jenny');
    const startMs = performance.now();
    // Longer than silence may last.
    while (performance.now() - startMs < 800) {
      await phone.inStep();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(deviceOf(edge, 'jenny').online).toBe(true);
  });

  it('[AC23] a device that does not read is closed, and misses nothing', async () => {
    await using edge = await TestEdge.open({ limits: { unreadBytesMax: 64 * 1024, closeTimeoutMs: 10_000 } });
    const phone = await edge.welcomed('jenny');
    const device = deviceOf(edge, 'jenny');
    phone.socket.pause();
    let told = 0;
    while (device.online) device.tell(digits(String((told += 1)).padEnd(60_000)));
    phone.socket.resume();
    expect((await phone.closed).code).toBe(CLOSE_CODES.slowReader.code);
    const read = phone.frames.filter((frame) => frame.type === 'digits').length;
    expect(read).toBeLessThanOrEqual(told);
    const again = await edge.phone();
    await again.hello(await tokenFor('jenny'), phone.resumption(read));
    for (let n = read + 1; n <= told; n++) expect(await again.next()).toMatchObject({ seq: n });
    await again.inStep(told);
  });
});

describe('while it is here, a device', () => {
  it('[SS17] may cease to be rung, and be rung again', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    expect(await phone.ask({ type: 'register', on: false })).toMatchObject({ ok: true });
    expect(edge.registry.devicesOf(ACCOUNT, 'jenny' as Identity)).toEqual([]);
    expect(await phone.ask({ type: 'register', on: true })).toMatchObject({ ok: true });
    expect(edge.door.of('registered')).toHaveLength(2);
    expect(edge.door.of('gone')).toEqual([]);
  });

  it('[AC10] [SS17] renews its token, for the same name only', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.phone();
    await phone.hello(await tokenFor('jenny', { incoming: false, outgoing: false }));
    const renew = async (token: string): Promise<unknown> => phone.ask({ type: 'renewToken', token });
    expect(await renew(await tokenFor('jim'))).toMatchObject({ error: { name: 'token-invalid' } });
    const elsewhere = { issuer: OTHER_ACCOUNT, secret: OTHER_SECRET };
    expect(await renew(await tokenFor('jenny', elsewhere))).toMatchObject({
      error: { name: 'token-invalid' },
    });
    expect(await renew(await tokenFor('jenny', { ttlSeconds: -60 }))).toMatchObject({
      error: { name: 'token-expired' },
    });
    expect(edge.door.of('registered')).toEqual([]);
    expect(await renew(await tokenFor('jenny', { ttlSeconds: 7200 }))).toMatchObject({ ok: true });
    const [event] = edge.door.of('registered');
    expect(event?.device.grants).toEqual({
      incomingAllow: true,
      outgoing: { params: {} },
      transferAllow: true,
    });
  });

  it('[SS15] [SS16] hears that its token runs out; then new calls are refused and nothing else', async () => {
    await using edge = await TestEdge.open({ limits: { clockSkewMs: 0, tokenWarningMs: 60_000 } });
    const phone = await edge.phone();
    const unregistered = announced(edge, 'unregistered');
    await phone.hello(await tokenFor('jenny', { ttlSeconds: 2 }));
    expect((await phone.nextOf('tokenExpiring')).inMs).toBeLessThanOrEqual(2000);
    const device = await unregistered;
    expect(device).toMatchObject({ online: true, registered: false });
    expect(await phone.ask(CONNECT)).toMatchObject({ error: { name: 'token-expired' } });
    expect(await phone.ask({ type: 'hangup', callId: CALL_ID })).toMatchObject({ ok: true });
    expect(phone.frames.filter((frame) => frame.type === 'tokenExpiring')).toHaveLength(1);
    phone.cut();
    await announced(edge, 'away');
    const again = await edge.phone();
    const welcome = await again.hello(await tokenFor('jenny'), phone.resumption(1));
    expect(welcome).toMatchObject({ resumed: true, registered: true });
    expect(edge.door.of('request')).toHaveLength(1);
  });
});

describe('who may connect', () => {
  async function closeCodeFrom(edge: TestEdge, origin: string): Promise<number | 'open'> {
    const phone = await edge.phone({ origin });
    phone.sayHello(await tokenFor('jenny'));
    const welcome = phone.nextOf('welcome').then(
      () => 'open' as const,
      () => 'closed' as const,
    );
    return (await welcome) === 'open' ? 'open' : (await phone.closed).code;
  }

  it('[AC20] pages of this origin, of those configured, and whoever is no page', async () => {
    await using edge = await TestEdge.open({ allowedOrigins: ['https://app.example'] });
    expect(await closeCodeFrom(edge, edge.url.replace('ws', 'http'))).toBe('open');
    expect(await closeCodeFrom(edge, 'https://app.example')).toBe('open');
    for (const origin of ['https://evil.example', 'http://app.example', 'null', 'not an origin']) {
      expect(await closeCodeFrom(edge, origin)).toBe(CLOSE_CODES.forbidden.code);
    }
    await edge.welcomed('jenny');
  });

  it('[AC34] behind a proxy of ours, this origin is the one the proxy was asked for', async () => {
    for (const trustProxy of [true, false]) {
      await using edge = await TestEdge.open({ trustProxy });
      const phone = await edge.phone({
        origin: 'https://phone.example',
        headers: { 'X-Forwarded-Host': 'phone.example' },
      });
      phone.sayHello(await tokenFor('jenny'));
      if (trustProxy) await phone.nextOf('welcome');
      else expect((await phone.closed).code).toBe(CLOSE_CODES.forbidden.code);
    }
  });

  it('[AC21] so many devices of one name and no more', async () => {
    await using edge = await TestEdge.open({ limits: { devicesPerIdentityMax: 2 } });
    const first = await edge.welcomed('jenny');
    await edge.welcomed('jenny');
    const third = await edge.phone();
    third.sayHello(await tokenFor('jenny'));
    expect(await third.next()).toMatchObject({ error: { name: 'too-many' } });
    expect((await third.closed).code).toBe(CLOSE_CODES.tooMany.code);
    await edge.welcomed('jim');
    // A resume takes no place.
    const again = await edge.phone();
    expect((await again.hello(await tokenFor('jenny'), first.resumption(0))).resumed).toBe(true);
    again.say({ type: 'bye' });
    await again.closed;
    await edge.welcomed('jenny');
    expect(edge.registry.devicesOf(ACCOUNT, 'jenny' as Identity)).toHaveLength(2);
  });

  async function upgradeStatus(
    edge: TestEdge,
    path = '/parley',
    protocol: string | null = 'parley.v1',
  ): Promise<number> {
    const socket = new WebSocket(`${edge.url}${path}`, protocol === null ? [] : [protocol]);
    socket.on('error', () => undefined);
    const [, response] = await once(socket, 'unexpected-response');
    return response.statusCode;
  }

  it('[AC21] so many sockets of one address, so many without hello, so many in all', async () => {
    await using byAddress = await TestEdge.open({ limits: { socketsPerAddressMax: 2 } });
    const one = await byAddress.welcomed('jenny');
    await byAddress.phone();
    expect(await upgradeStatus(byAddress)).toBe(429);
    expect(byAddress.ws.counts).toMatchObject({ sockets: 2, strangers: 1, addresses: 1, upgradesRefused: 1 });
    one.say({ type: 'bye' });
    await one.closed;
    await byAddress.phone();

    await using strangers = await TestEdge.open({ limits: { strangersMax: 1 } });
    await strangers.welcomed('jenny');
    await strangers.phone();
    expect(await upgradeStatus(strangers)).toBe(503);

    await using inAll = await TestEdge.open({ limits: { socketsMax: 1 } });
    await inAll.welcomed('jenny');
    expect(await upgradeStatus(inAll)).toBe(503);
  });

  it('[AC19] only at the one path, and only in the one subprotocol', async () => {
    await using edge = await TestEdge.open();
    expect(await upgradeStatus(edge, '/elsewhere')).toBe(404);
    expect(await upgradeStatus(edge, '/parley', 'parley.v9')).toBe(400);
    expect(await upgradeStatus(edge, '/parley', null)).toBe(400);
    expect(edge.ws.counts).toMatchObject({ sockets: 0, upgradesRefused: 3 });
  });

  it('[AC19] a plain request to the socket’s path is answered as one', async () => {
    await using edge = await TestEdge.open();
    const asked = httpRequest(`${edge.url.replace('ws', 'http')}/parley`).end();
    const [response] = await once(asked, 'response');
    expect(response.statusCode).toBe(404);
    response.resume();
  });

  it('[AC25] without compression, though the browser offers it', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.phone({ perMessageDeflate: true });
    expect(phone.socket.extensions).toBe('');
    expect(phone.socket.protocol).toBe('parley.v1');
  });

  it('[AC27] while draining: those who come back, and nobody new', async () => {
    await using edge = await TestEdge.open();
    const phone = await edge.welcomed('jenny');
    edge.ws.drain(5_000);
    expect(await phone.next()).toMatchObject({ type: 'goAway', seq: 1, inMs: 5_000 });
    expect(await phone.ask(CONNECT)).toMatchObject({ error: { name: 'draining' } });
    expect(await phone.ask({ type: 'hangup', callId: CALL_ID })).toMatchObject({ ok: true });
    const stranger = await edge.phone();
    stranger.sayHello(await tokenFor('jim'));
    expect(await stranger.next()).toMatchObject({ error: { name: 'draining' } });
    expect((await stranger.closed).code).toBe(CLOSE_CODES.draining.code);
    const again = await edge.phone();
    expect((await again.hello(await tokenFor('jenny'), phone.resumption(1))).resumed).toBe(true);
    const closing = edge.ws.close();
    expect((await again.closed).code).toBe(CLOSE_CODES.draining.code);
    await closing;
    expect(edge.ws.counts).toMatchObject({ sockets: 0, strangers: 0, addresses: 0 });
  });

  it('[AC35] what is logged names no address and no token', async () => {
    await using edge = await TestEdge.open();
    const token = await tokenFor('jenny');
    const phone = await edge.phone();
    await phone.hello(token);
    phone.socket.send('nonsense');
    await phone.closed;
    const bad = await edge.phone();
    bad.sayHello(`${token}x`);
    await bad.closed;
    expect(edge.log.lines.length).toBeGreaterThan(0);
    const log = edge.log.lines.join('\n');
    for (const secret of [token.slice(0, 30), '127.0.0.1', phone.welcome.resumeToken])
      expect(log).not.toContain(secret);
  });
});

describe('presence', () => {
  async function watching(edge: TestEdge, identity = 'watcher'): Promise<Phone> {
    const phone = await edge.welcomed(identity, { register: false });
    expect(await phone.ask({ type: 'watchPresence', on: true })).toMatchObject({ ok: true });
    return phone;
  }

  const entry = (identity: string, devices: number, busy = false): PresenceEntry => ({
    identity,
    devices,
    busy,
  });

  it('[AC28] is told as it stands, then with every change', async () => {
    await using edge = await TestEdge.open({ limits: { presencePeriodMs: 20 } });
    const jenny = await edge.welcomed('jenny');
    const watcher = await watching(edge);
    expect((await watcher.nextOf('presence')).people).toEqual([entry('jenny', 1)]);
    await edge.welcomed('jenny');
    expect((await watcher.nextOf('presence')).people).toEqual([entry('jenny', 2)]);
    edge.registry.setBusy(ACCOUNT, 'jenny' as Identity, true);
    expect((await watcher.nextOf('presence')).people).toEqual([entry('jenny', 2, true)]);
    edge.registry.setBusy(ACCOUNT, 'jenny' as Identity, false);
    jenny.say({ type: 'bye' });
    await jenny.closed;
    expect((await watcher.nextOf('presence')).people).toEqual([entry('jenny', 1)]);
    expect(await watcher.ask({ type: 'watchPresence', on: false })).toMatchObject({ ok: true });
    await edge.welcomed('jim');
    await watcher.inStep();
    expect(watcher.frames.filter((frame) => frame.type === 'presence')).toHaveLength(4);
  });

  it('[AC28] gathers what happens within its period, and stays within the account', async () => {
    await using edge = await TestEdge.open({ limits: { presencePeriodMs: 150 } });
    await edge.welcomed('jenny');
    const watcher = await watching(edge);
    await watcher.nextOf('presence');
    const firstAtMs = performance.now();
    for (const identity of ['ann', 'bob', 'cid']) await edge.welcomed(identity);
    const stranger = await edge.phone();
    await stranger.hello(await tokenFor('zoe', { issuer: OTHER_ACCOUNT, secret: OTHER_SECRET }));
    for (const isBusy of [true, false, true]) edge.registry.setBusy(ACCOUNT, 'ann' as Identity, isBusy);
    const { people } = await watcher.nextOf('presence');
    expect(performance.now() - firstAtMs).toBeGreaterThan(100);
    expect(people).toEqual([entry('ann', 1, true), entry('bob', 1), entry('cid', 1)]);
  });

  it('[AC28] waits for a device that is away, and then says how it stands', async () => {
    await using edge = await TestEdge.open({ limits: { presencePeriodMs: 10 } });
    const watcher = await watching(edge);
    expect((await watcher.nextOf('presence')).people).toEqual([]);
    watcher.cut();
    await announced(edge, 'away');
    for (let n = 0; n < 3; n++) {
      const jenny = await edge.welcomed('jenny');
      if (n < 2) {
        jenny.say({ type: 'bye' });
        await jenny.closed;
      }
    }
    const again = await edge.phone();
    const welcome = await again.hello(await tokenFor('watcher'), {
      register: false,
      ...watcher.resumption(1),
    });
    expect(welcome).toMatchObject({ resumed: true, lastSeq: 1 });
    expect(await again.nextOf('presence')).toMatchObject({ seq: 2, people: [entry('jenny', 1)] });
  });
});
