import { describe, expect, it } from 'vitest';
import type { Device } from '../device.ts';
import { incoming, OFFER, World } from './world.test.kit.ts';

/** There because the tests are run with `--expose-gc` (`vitest.config.ts`). */
const { gc } = globalThis as { readonly gc?: () => void };

/** Longer than anything that is still to be done after a call has ended. */
const AFTERWARDS_MS = 30_000;

describe('calls that are over', () => {
  it.each(['comes in', 'is placed'])('[RY61] nothing holds one that %s any more', async (way) => {
    const world = new World();
    const device = await world.registered();
    const held: WeakRef<object>[] = [];
    for (let made = 0; made < 10; made += 1) {
      held.push(...(await (way === 'comes in' ? callIn(world, device, made) : callOut(world, device))));
      await world.pass(AFTERWARDS_MS);
    }
    world.transports.splice(0);
    world.tracks.splice(0);
    if (gc === undefined) throw new Error('this test is run without --expose-gc');
    for (let sweep = 0; sweep < 5; sweep += 1) {
      // What is referred to weakly is kept until the end of the turn it was looked at in.
      await new Promise((resolve) => setTimeout(resolve, 0));
      gc();
    }
    expect(held.filter((each) => each.deref() !== undefined)).toEqual([]);
    await device.destroy();
  });
});

const element = (): HTMLVideoElement =>
  ({ play: async () => undefined, pause: () => undefined, srcObject: null }) as unknown as HTMLVideoElement;

async function callIn(world: World, device: Device, made: number): Promise<WeakRef<object>[]> {
  const heard = device.once('incoming');
  world.gateway.notify(incoming({ audio: true, video: true }, `incoming-${made}00000`));
  const [call] = await heard;
  await world.settle();
  const accepted = call.accept({ video: true });
  await world.settle();
  world.gateway.reply('accept');
  return talk(world, call, accepted);
}

async function callOut(world: World, device: Device): Promise<WeakRef<object>[]> {
  const call = await device.connect({ to: 'alice', video: true });
  await world.settle();
  world.gateway.reply('connect', { media: OFFER });
  return talk(world, call, Promise.resolve());
}

type Call = Awaited<ReturnType<Device['connect']>>;

/** As a call goes: shown, talked, hung up by the other side. What is to be gone afterwards. */
async function talk(world: World, call: Call, accepted: Promise<unknown>): Promise<WeakRef<object>[]> {
  const { callId } = call;
  const shown = element();
  call.media.attach(shown);
  call.media.attachLocal(element());
  call.on('sample', () => undefined);
  world.gateway.notify({
    type: 'joined',
    callId: callId as never,
    other: { identity: 'alice' },
    video: true,
  });
  for (const kind of ['audio', 'video'] as const)
    world.gateway.notify({
      type: 'consume',
      callId: callId as never,
      consumerId: `consumer-${kind}` as never,
      producerId: `producer-${kind}` as never,
      kind,
      source: kind === 'audio' ? 'microphone' : 'camera',
      rtpParameters: { codecs: [] },
      muted: false,
    });
  await accepted;
  await world.pass(3_000);
  expect(shown.srcObject).not.toBeNull();
  const refs = [call, call.media, call.store, call.store.getSnapshot(), shown].map(
    (each) => new WeakRef<object>(each),
  );
  world.gateway.notify({
    type: 'ended',
    callId: callId as never,
    reason: 'remote-hangup',
    by: 'remote',
    durationMs: 1234,
  } as never);
  await call.ended;
  await world.settle();
  expect(shown.srcObject).toBeNull();
  return refs;
}
