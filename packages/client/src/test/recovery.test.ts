import type { CallSnapshot } from '@parley/protocol';
import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import { CONNECTION_LIMITS } from '../core/connection.ts';
import type { ClientErrorName } from '../errors.ts';
import { CALL_SID, incoming, OFFER, World } from './world.test.kit.ts';

/** A call in which both talk, its media up. */
async function talking(world: World): Promise<Call> {
  const device = await world.registered();
  const heard = device.once('incoming');
  world.gateway.notify(incoming());
  const [call] = await heard;
  await world.settle();
  const accepted = call.accept();
  await world.settle();
  world.gateway.reply('accept');
  world.gateway.notify({
    type: 'joined',
    callId: call.callId as never,
    other: { identity: 'alice' },
    video: false,
  });
  await world.settle();
  await accepted;
  for (const transport of world.transports) transport.options.onState('connected');
  await world.settle();
  world.gateway.greeting = { ...world.gateway.greeting, calls: [asItStands(call)] };
  return call;
}

/** What the gateway says of it to a device that is back. */
function asItStands({ callId }: Call): CallSnapshot {
  const other = { identity: 'alice' };
  return {
    callId: callId as never,
    callSid: CALL_SID,
    direction: 'incoming',
    phase: 'joined',
    other,
    params: {},
    video: false,
  };
}

/** What a call says about its connection. */
function troubles(call: Call): (ClientErrorName | number)[] {
  const heard: (ClientErrorName | number)[] = [];
  call.on('reconnecting', ({ name }) => heard.push(name));
  call.on('reconnected', ({ gapMs }) => heard.push(gapMs));
  return heard;
}

describe('a call whose connection breaks', () => {
  it('[RY7] says why, and for how long it was so', async () => {
    const world = new World();
    const call = await talking(world);
    const heard = troubles(call);
    world.gateway.drop();
    await world.settle();
    expect(heard).toEqual(['connection-lost']);
    expect(call.status()).toBe('reconnecting');
    await world.pass(1000);
    expect(call.status()).toBe('open');
    expect(heard).toEqual(['connection-lost', 100]);

    world.transports[0]?.options.onState('disconnected');
    await world.pass(400);
    world.transports[0]?.options.onState('connected');
    await world.settle();
    expect(heard.slice(2)).toEqual(['media-failed', 400]);
  });

  it('[RY1] whose socket only looks alive has that replaced first, and its path mended on the new one', async () => {
    const world = new World();
    const call = await talking(world);
    world.gateway.isAnswering = false;
    const pings = world.gateway.all('ping').length;
    world.transports[0]?.options.onState('disconnected');
    await world.settle();
    expect(world.gateway.all('ping').length).toBe(pings + 1);
    expect(world.gateway.words).not.toContain('restartIce');
    await world.pass(CONNECTION_LIMITS.probeMs - 1);
    expect(world.gateway.words).not.toContain('restartIce');
    world.gateway.isAnswering = true;
    await world.pass(500);
    expect(world.gateway.words.slice(-2)).toEqual(['hello', 'restartIce']);
    expect(call.status()).toBe('reconnecting');
  });

  it('[RY7] keeps what is muted, and what is open', async () => {
    const world = new World();
    const call = await talking(world);
    call.mute();
    world.gateway.drop();
    await world.pass(1000);
    expect(call.isMuted()).toBe(true);
    expect(world.open).toEqual(['audio']);
    world.gateway.notify({ type: 'mediaReset', callId: call.callId as never, offer: OFFER });
    await world.settle();
    expect(world.gateway.last('produce')).toMatchObject({ kind: 'audio', muted: true });
  });
});

describe('in a call', () => {
  it('[RY5] silence is noticed within fifteen seconds, however slow the gateway’s heartbeat is', async () => {
    const world = new World();
    world.gateway.greeting = { heartbeatMs: 60_000 };
    await talking(world);
    await world.pass(CONNECTION_LIMITS.confirmMs + 100);
    world.gateway.isAnswering = false;
    const sockets = world.gateway.sockets;
    await world.pass(CONNECTION_LIMITS.inCallPingMs + CONNECTION_LIMITS.pongMs - 100);
    expect(world.gateway.sockets).toBe(sockets);
    await world.pass(400);
    expect(world.gateway.sockets).toBe(sockets + 1);
  });

  it('[RY5] a request that nobody answers makes the socket suspect', async () => {
    const world = new World();
    world.gateway.greeting = { heartbeatMs: 60_000 };
    const call = await talking(world);
    await world.pass(CONNECTION_LIMITS.confirmMs + 100);
    world.gateway.isAnswering = false;
    const sockets = world.gateway.sockets;
    void call.sendDigits('1').catch(() => undefined);
    await world.pass(CONNECTION_LIMITS.confirmMs + CONNECTION_LIMITS.pongMs + 300);
    expect(world.gateway.sockets).toBe(sockets + 1);
  });

  it('[RY5] a way back is looked for every two seconds', async () => {
    const world = new World();
    await talking(world);
    world.gateway.isReachable = false;
    const before = world.gateway.sockets;
    world.gateway.drop();
    await world.pass(20_000);
    expect(world.gateway.sockets - before).toBeGreaterThanOrEqual(10);
  });
});

describe('when the network is back', () => {
  it('[RY6] an attempt that began on the old one is begun anew', async () => {
    const world = new World();
    const device = await world.registered();
    world.gateway.isAnswering = false;
    world.gateway.drop();
    await world.pass(3000);
    expect(device.connection.state).toBe('reconnecting');
    const before = world.gateway.sockets;
    world.gateway.isAnswering = true;
    world.lifecycle('online');
    await world.settle();
    expect(world.gateway.sockets).toBe(before + 1);
    expect(device.connection.state).toBe('connected');
  });
});

describe('a gateway that was started anew', () => {
  it('[RY8] rings the device again by itself; its calls end, and say truthfully why', async () => {
    const world = new World();
    const call = await talking(world);
    world.gateway.greeting = { resumed: false, sessionId: 'session-2' as never };
    world.gateway.drop(1012);
    await world.pass(1000);
    expect(await call.ended).toMatchObject({
      reason: 'network',
      by: 'server',
      error: { name: 'resume-refused' },
    });
    expect(world.gateway.last('hello').register).toBe(true);
    expect(world.gateway.words.filter((word) => word === 'hello')).toHaveLength(2);
  });
});

describe('a page that the browser puts aside', () => {
  it('[RY10] says so, without a call keeps its session, and takes it up when it is back', async () => {
    const world = new World();
    const device = await world.registered();
    const states: string[] = [];
    device.on('connection', ({ state }) => states.push(state));
    world.lifecycle('suspend');
    world.lifecycle('resume');
    await world.settle();
    expect(states).toEqual(['suspended', 'reconnecting', 'connected']);
    expect(world.gateway.last('hello').resume).toBeDefined();
  });

  it('[RY11] frozen without a call, it closes its socket: nobody should ring it', async () => {
    const world = new World();
    const device = await world.registered();
    world.lifecycle('freeze');
    expect(device.connection.state).toBe('suspended');
    expect(world.gateway.words).not.toContain('bye');
    world.lifecycle('resume');
    await world.settle();
    expect(device.connection.state).toBe('connected');
  });

  it('[RY11] frozen in a call, it keeps it: sound needs no scripts', async () => {
    const world = new World();
    const call = await talking(world);
    world.lifecycle('freeze');
    await world.settle();
    expect(call.status()).toBe('open');
    const pings = world.gateway.all('ping').length;
    world.lifecycle('resume');
    await world.settle();
    expect(world.gateway.all('ping').length).toBe(pings + 1);
  });
});
