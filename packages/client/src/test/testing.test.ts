import { describe, expect, it } from 'vitest';
import { ClientError, Device, type DeviceOptions } from '../index.ts';
import { FakeGateway, VirtualClock, realClock, type FakePage } from '../testing-entry.ts';

async function registered(gateway: FakeGateway, token: string, options: DeviceOptions = {}) {
  const page = gateway.page();
  const device = new Device(token, { logLevel: 'silent', ...options, platform: page.platform });
  await device.register();
  return { page, device };
}

async function ringing(gateway: FakeGateway, page: FakePage, device: Device, video = false) {
  const alice = gateway.call({ from: 'alice', to: 'jenny', params: { tier: 'gold' }, video });
  await gateway.settle();
  const [call] = device.calls;
  if (call === undefined) throw new Error('nothing rings');
  return { alice, call, page };
}

describe('a fake gateway', () => {
  it('[PK10] rings a device, which answers, talks and is hung up on', async () => {
    const gateway = new FakeGateway();
    const { page, device } = await registered(gateway, 'jenny');
    expect(gateway.registered).toEqual(['jenny']);
    const { alice, call } = await ringing(gateway, page, device);
    expect(call.status()).toBe('pending');
    expect(call.parameters).toMatchObject({ From: 'alice', To: 'jenny', CallSid: alice.callSid });
    expect(call.customParameters.get('tier')).toBe('gold');
    expect(page.sounding).toEqual(new Set(['incoming']));
    await call.accept();
    await gateway.settle();
    expect(alice.state).toBe('joined');
    expect(call.status()).toBe('open');
    expect(page.sounding.size).toBe(0);
    expect(call.media.remote?.getAudioTracks()).toHaveLength(1);
    expect([...page.open].map(({ kind }) => kind)).toEqual(['audio']);
    await gateway.advance(42_000);
    alice.hangUp();
    expect(await call.ended).toEqual({ reason: 'remote-hangup', by: 'remote', durationMs: 42_000 });
    expect(page.open.size).toBe(0);
  });

  it('[PK10] plays the person a device calls', async () => {
    const gateway = new FakeGateway();
    const { page, device } = await registered(gateway, 'jenny');
    const call = await device.connect({ to: 'bob', params: { topic: 'lunch' }, video: true });
    const bob = await gateway.nextCall();
    expect(bob).toMatchObject({ from: 'jenny', to: 'bob', video: true, params: { topic: 'lunch' } });
    bob.ring();
    await gateway.settle();
    expect(call.status()).toBe('ringing');
    expect(page.sounding).toEqual(new Set(['ringback']));
    bob.answer({ deviceLabel: 'phone' });
    await gateway.settle();
    expect(call.store.getSnapshot().other).toEqual({ identity: 'bob', deviceLabel: 'phone' });
    expect(call.media.remote?.getVideoTracks()).toHaveLength(1);
    await call.sendDigits('12#');
    expect(bob.digits).toBe('12#');
    bob.sendDigits('9');
    expect(await call.once('digits')).toEqual(['9']);
    await call.disconnect();
    await gateway.settle();
    expect(bob).toMatchObject({ state: 'ended', end: 'remote-hangup' });
    expect(gateway.calls).toEqual([]);
  });

  it('[PK10] passes messages, and puts on hold, both ways', async () => {
    const gateway = new FakeGateway();
    const { page, device } = await registered(gateway, 'jenny');
    const { alice, call } = await ringing(gateway, page, device);
    await call.accept();
    await gateway.settle();
    expect((await call.sendMessage({ content: { mood: 'good' } })).id).toMatch(/^message-/);
    expect(alice.messages).toMatchObject([{ content: '{"mood":"good"}' }]);
    alice.sendMessage({ mood: 'better' });
    expect((await call.once('messageReceived'))[0].content).toEqual({ mood: 'better' });
    await call.hold();
    await gateway.settle();
    expect(call.held).toEqual({ local: true, remote: false });
    expect(alice.held.other).toBe(true);
    await call.hold(false);
    alice.hold();
    await gateway.settle();
    expect(call.held).toEqual({ local: false, remote: true });
  });

  it.each([
    ['rejected', 'rejected'],
    ['busy', 'busy'],
    ['no-answer', 'no-answer'],
  ] as const)('[PK10] says %s, and what was refused says why', async (reason, expected) => {
    const gateway = new FakeGateway();
    const { device } = await registered(gateway, 'jenny');
    const call = await device.connect({ to: 'bob' });
    (await gateway.nextCall()).reject(reason);
    expect((await call.ended).reason).toBe(expected);
    gateway.refuseCalls = 'forbidden';
    const refused = await device.connect({ to: 'bob' });
    expect((await refused.ended).error).toBeInstanceOf(ClientError);
    expect(gateway.call({ from: 'alice', to: 'nobody' })).toMatchObject({ end: 'not-registered' });
  });

  it('[PK10] connects two devices, and tells the slower one who was faster', async () => {
    const gateway = new FakeGateway();
    const jenny = await registered(gateway, 'jenny', { deviceLabel: 'laptop' });
    const other = await registered(gateway, 'jenny', { deviceLabel: 'phone' });
    const alice = await registered(gateway, 'alice');
    const call = await alice.device.connect({ to: 'jenny' });
    await gateway.settle();
    expect(call.status()).toBe('ringing');
    const [[fast], [slow]] = [jenny.device.calls, other.device.calls];
    await fast?.accept();
    expect(await slow?.ended).toMatchObject({
      reason: 'answered-elsewhere',
      elsewhere: { identity: 'jenny', deviceLabel: 'laptop' },
    });
    await gateway.settle();
    expect(call.store.getSnapshot()).toMatchObject({ status: 'open', other: { deviceLabel: 'laptop' } });
    await fast?.disconnect();
    expect((await call.ended).reason).toBe('remote-hangup');
  });

  it('[PK10] rings a device that registers while its name rings, and refuses for all when told to', async () => {
    const gateway = new FakeGateway();
    const first = await registered(gateway, 'jenny');
    const alice = gateway.call({ from: 'alice', to: 'jenny' });
    const second = await registered(gateway, 'jenny');
    await gateway.settle();
    expect(second.device.calls).toHaveLength(1);
    const [call] = first.device.calls;
    call?.reject({ everywhere: true });
    expect((await second.device.calls[0]?.ended)?.reason).toBe('rejected-elsewhere');
    expect(alice.end).toBe('rejected');
  });

  it('[PK11] loses sockets and keeps sessions: a call goes on, and what was missed is heard', async () => {
    const gateway = new FakeGateway();
    const { page, device } = await registered(gateway, 'jenny');
    const { alice, call } = await ringing(gateway, page, device);
    await call.accept();
    await gateway.settle();
    gateway.isReachable = false;
    gateway.dropSockets();
    await gateway.settle();
    expect(device.connection.state).toBe('reconnecting');
    expect(call.status()).toBe('reconnecting');
    alice.hangUp();
    gateway.isReachable = true;
    await gateway.advance(1000);
    expect(device.state).toBe('registered');
    expect((await call.ended).reason).toBe('remote-hangup');
  });

  it('[PK11] forgets a device that stays away, and ends its calls', async () => {
    const gateway = new FakeGateway();
    const { page, device } = await registered(gateway, 'jenny');
    const { alice, call } = await ringing(gateway, page, device);
    await call.accept();
    await gateway.settle();
    gateway.isReachable = false;
    gateway.dropSockets();
    await gateway.advance(60_000);
    expect(alice.state).toBe('ended');
    expect((await call.ended).reason).toBe('network');
  });

  it('[PK11] refuses tokens, and tells that they expire', async () => {
    const gateway = new FakeGateway();
    const reasons: string[] = [];
    const page = gateway.page();
    const device = new Device(({ reason }) => (reasons.push(reason), 'jenny'), {
      logLevel: 'silent',
      platform: page.platform,
    });
    gateway.refuseTokens = 'token-expired';
    await expect(device.register()).rejects.toMatchObject({ code: 20104 });
    gateway.refuseTokens = null;
    await device.register();
    gateway.expireTokensIn(10_000);
    expect(await device.once('tokenWillExpire')).toEqual([10_000]);
    await gateway.settle();
    expect(reasons).toEqual(['initial', 'expired', 'refused', 'expiring']);
    expect(gateway.heard.filter(({ type }) => type === 'renewToken')).toHaveLength(1);
  });

  it('[PK12] a page refuses microphones, is asked, and will not play', async () => {
    const gateway = new FakeGateway();
    const { page, device } = await registered(gateway, 'jenny');
    page.permission = 'prompt';
    page.refuse.microphone = 'NotAllowedError';
    page.isPlaybackBlocked = true;
    const { call } = await ringing(gateway, page, device);
    expect(device.playback.blocked).toBe(true);
    await expect(call.accept()).rejects.toMatchObject({ name: 'microphone-denied' });
    expect(call.status()).toBe('pending');
    delete page.refuse.microphone;
    expect(await device.playback.unlock()).toBe(true);
    await call.accept();
    expect(page.open.size).toBe(1);
    page.tell('leave');
    expect((await call.ended).reason).toBe('page-unload');
    expect(gateway.registered).toEqual([]);
  });

  it('[PK12] has its own time, or everybody’s', async () => {
    const clock = new VirtualClock(1000);
    const gateway = new FakeGateway({ clock });
    const { page, device } = await registered(gateway, 'jenny');
    await ringing(gateway, page, device);
    await gateway.advance(600_000);
    expect(clock.nowMs()).toBe(601_000);
    // Ten minutes of heartbeats, in no time.
    expect(gateway.heard.filter(({ type }) => type === 'ping').length).toBeGreaterThan(50);
    expect(device.state).toBe('registered');
    const real = new FakeGateway({ clock: realClock });
    await expect(real.advance(1)).rejects.toThrow(TypeError);
  });

  it('[PK12] reads the name from a token shaped as Twilio’s or ours', async () => {
    const gateway = new FakeGateway();
    const token = (claims: object) => `x.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.y`;
    await registered(gateway, token({ grants: { identity: 'anna' } }));
    await registered(gateway, token({ sub: 'otto' }));
    expect(gateway.registered).toEqual(['anna', 'otto']);
  });
});
