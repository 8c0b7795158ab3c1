import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import { Device } from '../device.ts';
import { ClientError, errorFromWire } from '../errors.ts';
import { CALL_SID, incoming, OFFER, World } from './world.test.kit.ts';

describe('registering', () => {
  it('[CS13] touches nothing before it is asked to', () => {
    // No browser global exists here: a constructor that touched one would throw.
    const device = new Device('token');
    expect(device.state).toBe('unregistered');
    expect(device.store.getSnapshot().connection.state).toBe('offline');
  });

  it('[CS14] resolves when the device rings, as often as it is asked', async () => {
    const world = new World();
    const device = world.device();
    const told: string[] = [];
    device.on('registering', () => told.push('registering')).on('registered', () => told.push('registered'));
    await Promise.all([device.register(), device.register(), world.settle()]);
    await device.register();
    expect(device.state).toBe('registered');
    expect(device.identity).toBe('jenny');
    expect(told).toEqual(['registering', 'registered']);
    expect(world.gateway.all('hello')).toHaveLength(1);
  });

  it('[CS14] goes on trying while the gateway is away, until its signal aborts', async () => {
    const world = new World();
    world.gateway.isReachable = false;
    const device = world.device();
    const stop = new AbortController();
    const first = device.register({ signal: stop.signal });
    const second = device.register();
    await world.pass(30_000);
    expect(world.gateway.sockets).toBeGreaterThan(3);
    stop.abort();
    await expect(first).rejects.toMatchObject({ name: 'aborted' });
    world.gateway.isReachable = true;
    await world.pass(15_000);
    await second;
    expect(device.state).toBe('registered');
  });

  it('[CS14] rejects when the gateway refuses, and says why', async () => {
    const world = new World();
    world.gateway.greeting = { close: 4403 };
    const device = world.device();
    const errors: string[] = [];
    device.on('error', (error) => errors.push(error.name));
    await expect(device.register()).rejects.toMatchObject({ name: 'forbidden', code: 31201, fatal: true });
    expect(device.state).toBe('unregistered');
    expect(errors).toEqual(['forbidden']);
  });

  it('[CS15] a token without the grant to be called: registered, never rung, and told so', async () => {
    const world = new World();
    world.gateway.greeting = { registered: false };
    const device = world.device();
    const told = device.once('error');
    await device.register();
    expect(device.state).toBe('registered');
    expect(device.store.getSnapshot().rings).toBe(false);
    expect((await told)[0].name).toBe('incoming-not-allowed');
  });

  it('[CS16] asks the token provider once at a time, and why', async () => {
    const world = new World();
    const reasons: string[] = [];
    const device = world.device(async ({ reason }) => {
      reasons.push(reason);
      return `token-${reasons.length}`;
    });
    world.gateway.greeting = { close: 4402 };
    const registered = device.register();
    void registered.catch(() => undefined);
    await world.settle();
    expect(reasons).toEqual(['initial', 'expired']);
    await expect(registered).rejects.toMatchObject({ name: 'token-expired' });
  });

  it('[CS16] gives up on a provider that never answers, and tries again', async () => {
    const world = new World();
    let asked = 0;
    let aborted = 0;
    const device = world.device(({ signal }) => {
      asked += 1;
      signal.addEventListener('abort', () => (aborted += 1));
      return new Promise(() => undefined);
    });
    void device.register().catch(() => undefined);
    await world.pass(20_000);
    expect(asked).toBeGreaterThan(1);
    expect(aborted).toBeGreaterThan(0);
    await device.destroy();
  });

  it('[CS17] renews a token that expires, without touching anything else', async () => {
    const world = new World();
    let count = 0;
    const device = world.device(() => `token-${(count += 1)}`);
    await Promise.all([device.register(), world.settle()]);
    const warned = device.once('tokenWillExpire');
    world.gateway.notify({ type: 'tokenExpiring', inMs: 60_000 });
    expect(await warned).toEqual([60_000]);
    await world.settle();
    expect(world.gateway.last('renewToken').token).toBe('token-2');
    expect(device.state).toBe('registered');
    device.updateToken('mine');
    expect(world.gateway.last('renewToken').token).toBe('mine');
  });

  it('[CS18] stays registered while its socket is re-opened within the grace', async () => {
    const world = new World();
    const device = await world.registered();
    const states: string[] = [];
    device.on('connection', ({ state }) => states.push(state));
    world.gateway.drop();
    await world.settle();
    expect(device.state).toBe('registered');
    await world.pass(1000);
    expect(states).toEqual(['reconnecting', 'reconnecting', 'connected']);
    expect(device.state).toBe('registered');
  });

  it('[CS19] unregister says bye, unless calls are running', async () => {
    const world = new World();
    const device = await world.registered();
    await device.connect({ to: 'bob' });
    void device.unregister();
    await world.settle();
    expect(world.gateway.last('register').on).toBe(false);
    expect(device.calls).toHaveLength(1);
    expect(device.state).toBe('unregistered');
    device.disconnectAll();
    await device.destroy();
    expect(world.gateway.words.at(-1)).toBe('bye');
    expect(device.state).toBe('destroyed');
    await expect(device.register()).rejects.toMatchObject({ name: 'destroyed' });
  });
});

describe('a page', () => {
  it('[CS10] that is left ends its calls and says bye', async () => {
    const world = new World();
    const device = await world.registered();
    const call = await device.connect({ to: 'bob' });
    world.lifecycle('leave');
    expect(await call.ended).toMatchObject({ reason: 'page-unload', by: 'local' });
    expect(world.gateway.words.at(-1)).toBe('bye');
  });

  it('[CS11] that comes back from the cache takes up its session', async () => {
    const world = new World();
    const device = await world.registered();
    world.lifecycle('suspend');
    expect(device.connection.state).toBe('suspended');
    world.lifecycle('resume');
    await world.settle();
    expect(device.connection.state).toBe('connected');
    expect(world.gateway.last('hello').resume).toBeDefined();
  });
});

describe('the store and the events', () => {
  it('[CS60] an event comes after the store has changed', async () => {
    const world = new World();
    const device = await world.registered();
    const seen: (number | string)[] = [];
    device.on('incoming', (call: Call) => {
      seen.push(device.store.getSnapshot().calls.length);
      call.on('disconnect', () => seen.push(device.calls.length, call.status()));
    });
    world.gateway.notify(incoming());
    await world.settle();
    device.calls[0]?.reject();
    expect(seen).toEqual([1, 0, 'closed']);
  });

  it('[CS61] a snapshot is never changed, and the same as long as nothing is', async () => {
    const world = new World();
    const device = await world.registered();
    const before = device.store.getSnapshot();
    expect(Object.isFrozen(before)).toBe(true);
    world.gateway.notify({ type: 'goAway', inMs: 1000 });
    await world.settle();
    expect(device.store.getSnapshot()).toBe(before);
    let told = 0;
    const stop = device.store.subscribe(() => (told += 1));
    device.watchPresence();
    await world.settle();
    world.gateway.notify({ type: 'presence', people: [{ identity: 'bob', devices: 1, busy: false }] });
    await world.settle();
    expect(told).toBe(1);
    expect(before.presence).toEqual([]);
    expect(device.store.getSnapshot().presence).toHaveLength(1);
    stop();
  });

  it('[CS70] presence keeps who has not changed, and takes out who has gone', async () => {
    const world = new World();
    const device = await world.registered();
    device.watchPresence();
    await world.settle();
    expect(world.gateway.last('watchPresence')).toMatchObject({ on: true });
    const names = (): readonly string[] =>
      device.store.getSnapshot().presence.map(({ identity }) => identity);
    const bob = { identity: 'bob', devices: 1, busy: false };
    world.gateway.notify({ type: 'presence', people: [{ identity: 'carol', devices: 1, busy: false }, bob] });
    await world.settle();
    expect(names()).toEqual(['bob', 'carol']);
    world.gateway.notify({ type: 'presence', people: [{ ...bob, busy: true }] });
    await world.settle();
    expect(device.store.getSnapshot().presence).toMatchObject([
      { identity: 'bob', busy: true },
      { busy: false },
    ]);
    world.gateway.notify({ type: 'presence', people: [{ ...bob, devices: 0 }] });
    await world.settle();
    expect(names()).toEqual(['carol']);
  });

  it('[CS62] a listener that throws is reported, and the others still hear', async () => {
    const world = new World();
    const lines: string[] = [];
    const nothing = (): void => undefined;
    const logger = {
      debug: nothing,
      info: nothing,
      warn: nothing,
      error: (line: string) => void lines.push(line),
    };
    const device = await world.registered({ logger, logLevel: 'error' });
    let heard = 0;
    device.on('incoming', () => {
      throw new Error('mine');
    });
    device.on('incoming', () => (heard += 1));
    world.gateway.notify(incoming());
    await world.settle();
    expect(heard).toBe(1);
    expect(lines).toHaveLength(1);
  });

  it('[CS63] stops with off, with a signal, with using, and after once', async () => {
    const world = new World();
    const device = world.device();
    const heard: string[] = [];
    const stop = new AbortController();
    const off = (): void => void heard.push('off');
    device.on('registering', off).off('registering', off);
    device.on('registering', () => heard.push('signal'), { signal: stop.signal });
    device.once('registering', () => heard.push('once'));
    {
      using listening = device.listen('registering', () => heard.push('using'));
      expect(listening).toBeTypeOf('function');
    }
    stop.abort();
    await Promise.all([device.register(), world.settle()]);
    await device.unregister();
    await Promise.all([device.register(), world.settle()]);
    expect(heard).toEqual(['once']);
  });

  it('[CS63] can be read as a stream', async () => {
    const world = new World();
    const device = await world.registered();
    const stop = new AbortController();
    const callers: string[] = [];
    const reading = (async () => {
      for await (const [call] of device.events('incoming', { signal: stop.signal }))
        callers.push(call.parameters.From);
    })();
    await world.settle();
    world.gateway.notify(incoming(undefined, 'incoming-1'));
    world.gateway.notify(incoming(undefined, 'incoming-2'));
    await world.settle();
    stop.abort();
    await reading;
    expect(callers).toEqual(['alice', 'alice']);
  });

  it('[CS63] an unknown event name does not compile', () => {
    const device = new Device('token');
    // @ts-expect-error -- there is no such event.
    device.on('incomming', () => undefined);
    // @ts-expect-error -- an incoming call is not a string.
    device.on('incoming', (call: string) => call);
  });
});

describe('the rest', () => {
  it('[CS64] a phone that cannot be heard ringing says so, for as long as it rings', async () => {
    const world = new World();
    world.isRingingBlocked = true;
    const device = await world.registered();
    const heard = device.once('incoming');
    world.gateway.notify(incoming());
    const [call] = await heard;
    await world.settle();
    expect(device.playback.blocked).toBe(true);
    expect(await device.playback.unlock()).toBe(true);
    call.reject();
    await world.settle();
    expect(device.playback.blocked).toBe(false);
  });

  it('[CS64] sounds that could not be loaded are tried again, and cost nothing else', async () => {
    const world = new World();
    const createSounds = world.platform.createSounds.bind(world.platform);
    Object.assign(world.platform, { createSounds: () => Promise.reject(new Error('404')) });
    const device = await world.registered();
    const first = device.once('incoming');
    world.gateway.notify(incoming());
    const [missed] = await first;
    missed.reject();
    await world.settle();
    expect(await device.playback.unlock()).toBe(true);
    Object.assign(world.platform, { createSounds });
    world.gateway.notify(incoming(undefined, 'incoming-2'));
    await world.settle();
    expect(world.sounds).toEqual(['start incoming']);
  });

  it('[CS64] a blocked sound is told, never waited for, and unlocked by a click', async () => {
    const world = new World();
    world.isPlaybackBlocked = true;
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny' });
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    world.gateway.notify({
      type: 'consume',
      callId: call.callId as never,
      consumerId: 'c' as never,
      producerId: 'p' as never,
      kind: 'audio',
      source: 'microphone',
      rtpParameters: {},
      muted: false,
    });
    await world.settle();
    expect(device.playback.blocked).toBe(true);
    expect(await device.playback.unlock()).toBe(true);
    call.disconnect().catch(() => undefined);
    expect(device.playback.blocked).toBe(false);
  });

  it('[CS65] errors carry Twilio’s numbers, and say whether trying again could help', () => {
    const error = errorFromWire({
      code: 31206,
      name: 'rate-limited',
      message: 'slow down',
      retryAfterMs: 500,
    });
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ code: 31206, retryable: true, retryAfterMs: 500, category: 'signaling' });
    expect(errorFromWire({ code: 1, name: 'from-the-future', message: 'm' }).name).toBe('unknown');
    expect(JSON.parse(JSON.stringify(new ClientError('microphone-denied')))).toMatchObject({ code: 31401 });
  });

  it('[CS66] parameters the gateway would refuse are refused where they are given', async () => {
    const world = new World();
    const device = await world.registered();
    await expect(device.connect({ params: { big: 'x'.repeat(5000) } })).rejects.toMatchObject({
      name: 'invalid-argument',
    });
    expect(world.gateway.words).not.toContain('connect');
  });

  it('[CS67] a media engine that cannot be loaded ends the call that needs it, and is tried again by the next', async () => {
    const world = new World();
    const { loadMediaEngine } = world.platform;
    Object.assign(world.platform, { loadMediaEngine: () => Promise.reject(new Error('blocked by CSP')) });
    const device = await world.registered();
    const call = await device.connect({ to: 'jenny' });
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    expect(await call.ended).toMatchObject({ reason: 'media', error: { name: 'no-media-engine' } });
    Object.assign(world.platform, { loadMediaEngine });
    await device.connect({ to: 'jenny' });
    world.gateway.reply('connect', { callSid: CALL_SID, media: OFFER });
    await world.settle();
    expect(world.gateway.words).toContain('produce');
  });
});
