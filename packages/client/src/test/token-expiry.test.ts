import type { CallSnapshot } from '@parley/protocol';
import { describe, expect, it } from 'vitest';
import type { TokenReason } from '../api.ts';
import type { Device } from '../device.ts';
import { CALL_SID, incoming, World } from './world.test.kit.ts';

/** Where a device stands when its token runs out. */
type Phase = 'registering' | 'idle' | 'ringing' | 'talking' | 'reconnecting';

interface Scene {
  readonly world: World;
  readonly device: Device;
  readonly asked: TokenReason[];
}

const asItStands = (phase: CallSnapshot['phase']): CallSnapshot => ({
  callId: 'incoming-1' as never,
  callSid: CALL_SID,
  direction: 'incoming',
  phase,
  other: { identity: 'alice' },
  params: {},
  video: false,
});

/** Brings a device as far as that. */
async function reach(phase: Phase): Promise<Scene> {
  const world = new World();
  const asked: TokenReason[] = [];
  // A gateway that refused one token takes the next.
  const greetingAfterwards = { calls: phase === 'reconnecting' ? [asItStands('joined')] : [] };
  const device = world.device(({ reason }) => {
    asked.push(reason);
    if (reason === 'expired') world.gateway.greeting = greetingAfterwards;
    return `token-${asked.length}`;
  });
  if (phase === 'registering') return { world, device, asked };
  await Promise.all([device.register(), world.settle()]);
  if (phase === 'idle') return { world, device, asked };
  world.gateway.notify(incoming());
  await world.settle();
  world.gateway.greeting = { calls: [asItStands('ringing')] };
  if (phase === 'ringing') return { world, device, asked };
  void device.calls[0]?.accept();
  await world.settle();
  world.gateway.reply('accept');
  world.gateway.notify({
    type: 'joined',
    callId: 'incoming-1' as never,
    other: { identity: 'alice' },
    video: false,
  });
  await world.settle();
  world.gateway.greeting = { calls: [asItStands('joined')] };
  return { world, device, asked };
}

describe('a token that runs out', () => {
  it('[RY9] while registering is asked for once more, and the device registers', async () => {
    const { world, device, asked } = await reach('registering');
    world.gateway.greeting = { close: 4402 };
    const registered = device.register();
    await world.settle();
    await registered;
    expect(asked).toEqual(['initial', 'expired']);
    expect(world.gateway.last('hello').token).toBe('token-2');
  });

  it.each(['idle', 'ringing', 'talking'] as const)(
    '[RY9] while %s is renewed in the session, and nothing else happens',
    async (phase) => {
      const { world, device, asked } = await reach(phase);
      const statuses = device.calls.map((call) => call.status());
      world.gateway.notify({ type: 'tokenExpiring', inMs: 60_000 });
      await world.settle();
      expect(asked).toEqual(['initial', 'expiring']);
      expect(world.gateway.last('renewToken').token).toBe('token-2');
      expect(world.gateway.sockets).toBe(1);
      expect(device.state).toBe('registered');
      expect(device.calls.map((call) => call.status())).toEqual(statuses);
    },
  );

  it('[RY9] while the socket is away is asked for when the gateway wants one, and the call goes on', async () => {
    const { world, device, asked } = await reach('reconnecting');
    world.gateway.greeting = { close: 4402 };
    world.gateway.drop();
    await world.pass(1000);
    expect(asked).toEqual(['initial', 'expired']);
    expect(world.gateway.last('hello')).toMatchObject({
      token: 'token-2',
      resume: { sessionId: 'session-1' },
    });
    expect(device.calls.map((call) => call.status())).toEqual(['open']);
  });

  it('[RY9] and cannot be had anew ends no call either; that it cannot is told', async () => {
    const world = new World();
    const device = await world.registered();
    world.gateway.notify(incoming());
    await world.settle();
    const told: number[] = [];
    device.on('tokenWillExpire', (inMs) => told.push(inMs));
    world.gateway.notify({ type: 'tokenExpiring', inMs: 60_000 });
    await world.pass(120_000);
    expect(told).toEqual([60_000]);
    expect(device.calls.map((call) => call.status())).toEqual(['pending']);
    expect(device.state).toBe('registered');
  });
});
