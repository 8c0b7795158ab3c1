import type { Unnumbered } from '@parley/protocol';
import { describe, expect, it } from 'vitest';
import type { Call } from '../call.ts';
import { FakeTrack } from './fake-devices.test.kit.ts';
import { incoming, OFFER, World } from './world.test.kit.ts';

async function talking(world: World, video = true): Promise<Call> {
  const device = await world.registered();
  const heard = device.once('incoming');
  world.gateway.notify(incoming({ audio: true, video }));
  const [call] = await heard;
  const accepted = call.accept({ video });
  await world.settle();
  world.gateway.reply('accept');
  await accepted;
  world.gateway.notify({ type: 'joined', callId: call.callId as never, other: { identity: 'alice' }, video });
  await world.settle();
  return call;
}

/** What a person shares: a picture, and its sound. */
function screen(): [FakeTrack, FakeTrack] {
  return [new FakeTrack('video', 'screen'), new FakeTrack('audio', 'screen')];
}

function consume(
  call: Call,
  source: 'camera' | 'screen',
  kind: 'audio' | 'video',
  from?: string,
): Unnumbered {
  return {
    type: 'consume',
    callId: call.callId as never,
    consumerId: `${source}-${kind}-${from ?? 'two'}` as never,
    producerId: `${source}-${kind}-sent` as never,
    kind,
    source,
    rtpParameters: {},
    muted: false,
    ...(from === undefined ? {} : { from }),
  };
}

const producedScreens = (world: World) =>
  world.gateway.all('produce').filter(({ source }) => source === 'screen');

describe('a screen that is shared', () => {
  it('[DV18] goes up beside the camera, with its sound, and comes down as a whole', async () => {
    const world = new World();
    const call = await talking(world);
    const [picture, sound] = screen();
    world.devices.screen = [picture, sound];
    await call.media.screen.on({ optimizeFor: 'motion', surface: 'window' });
    expect(producedScreens(world).map(({ kind, muted }) => [kind, muted])).toEqual([
      ['video', false],
      ['audio', false],
    ]);
    expect(call.media.screen.state).toBe('on');
    expect(call.media.screen.track).toBe(picture);
    expect(call.media.localScreen?.getTracks()).toEqual([picture, sound]);
    expect(picture.contentHint).toBe('motion');
    expect(world.devices.screensAsked[0]).toMatchObject({ video: { displaySurface: 'window' } });
    expect(world.open).toEqual(['audio', 'video']);

    await call.media.screen.off();
    expect([picture.readyState, sound.readyState]).toEqual(['ended', 'ended']);
    expect(world.gateway.all('producerClosed')).toHaveLength(2);
    expect([call.media.screen.state, call.media.localScreen]).toEqual(['off', null]);
    expect(world.open).toEqual(['audio', 'video']);
  });

  it('[DV18] ends with the browser’s own bar, and with the call', async () => {
    const world = new World();
    const call = await talking(world);
    const [picture, sound] = screen();
    world.devices.screen = [picture, sound];
    await call.media.screen.on();
    picture.end();
    await world.settle();
    expect([call.media.screen.state, sound.readyState]).toEqual(['off', 'ended']);
    expect(world.gateway.all('producerClosed')).toHaveLength(2);

    const other = screen();
    world.devices.screen = other;
    await call.media.screen.on();
    await call.disconnect();
    expect(other.map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
  });

  it('[DV18] is refused by the person with an error of its own, and what is shared already goes on', async () => {
    const world = new World();
    const call = await talking(world);
    await expect(call.media.screen.on()).rejects.toMatchObject({ name: 'screen-denied' });
    expect(call.media.screen.state).toBe('off');
    const [picture] = screen();
    world.devices.screen = [picture];
    await call.media.screen.on();
    world.devices.screen = 'NotFoundError';
    await expect(call.media.screen.on()).rejects.toMatchObject({ name: 'screen-failed' });
    expect([call.media.screen.state, picture.readyState]).toEqual(['on', 'live']);
  });

  it('[DV19] is sent again on new transports', async () => {
    const world = new World();
    const call = await talking(world);
    world.devices.screen = screen();
    await call.media.screen.on();
    world.gateway.notify({ type: 'mediaReset', callId: call.callId as never, offer: OFFER });
    await world.settle();
    expect(producedScreens(world).map(({ kind }) => kind)).toEqual(['video', 'audio', 'video', 'audio']);
    expect(world.transports[2]?.sent.map(({ now }) => now)).toEqual(['real', 'real', 'screen', 'screen']);
  });

  it('[DV19] of the other side is a stream of its own, and leaves its face alone', async () => {
    const world = new World();
    const call = await talking(world);
    for (const message of [
      consume(call, 'camera', 'video'),
      consume(call, 'screen', 'video'),
      consume(call, 'screen', 'audio'),
    ])
      world.gateway.notify(message);
    await world.settle();
    expect(call.media.remoteScreen).toBeNull();
    world.gateway.notify({
      type: 'consumerResumed',
      callId: call.callId as never,
      consumerId: 'screen-video-two' as never,
    });
    await world.settle();
    expect(call.media.remoteScreen?.getTracks()).toHaveLength(2);
    expect(call.media.remote?.getTracks()).toHaveLength(1);
    expect([call.media.remoteVideo, call.media.remoteAudio]).toEqual(['held', 'none']);
    for (const kind of ['video', 'audio'])
      world.gateway.notify({
        type: 'consumerClosed',
        callId: call.callId as never,
        consumerId: `screen-${kind}-two` as never,
      });
    await world.settle();
    expect(call.media.remoteScreen).toBeNull();
    expect(call.media.remote?.getTracks()).toHaveLength(1);
  });
});

describe('the size of pictures', () => {
  it('[DV30] is asked for once, also for what comes later, and not for screens', async () => {
    const world = new World();
    const call = await talking(world);
    world.gateway.notify(consume(call, 'camera', 'video'));
    await world.settle();
    call.media.setPreferredQuality('low');
    call.media.setPreferredQuality('low');
    await world.settle();
    world.gateway.notify(consume(call, 'screen', 'video'));
    await world.settle();
    const asked = () =>
      world.gateway.all('preferQuality').map(({ consumerId, quality }) => [consumerId, quality]);
    expect(asked()).toEqual([['camera-video-two', 'low']]);
    call.media.setPreferredQuality('auto');
    await world.settle();
    expect(asked().at(-1)).toEqual(['camera-video-two', 'high']);
  });

  it('[DV31] follows the elements of a conference, and looks again when a layout has changed', async () => {
    const world = new World();
    const call = await talking(world);
    world.gateway.notify({
      type: 'mediaReset',
      callId: call.callId as never,
      offer: { ...OFFER, layered: true },
    });
    world.gateway.notify(consume(call, 'camera', 'video', 'bob'));
    await world.settle();
    const element = {
      play: async () => undefined,
      pause: () => undefined,
      srcObject: null,
    } as unknown as HTMLVideoElement;
    world.devices.heights.set(element, 80);
    const stop = call.media.attach(element, 'bob');
    await world.pass(1000);
    const asked = () => world.gateway.all('preferQuality').map(({ quality }) => quality);
    expect(asked()).toEqual(['low']);
    world.devices.heights.set(element, 350);
    await world.pass(1000);
    expect(asked()).toEqual(['low', 'high']);
    stop();
    await world.pass(2000);
    expect(asked()).toEqual(['low', 'high']);
  });

  it('[DV42] of a camera is three at once where many may look, and one elsewhere', async () => {
    const world = new World();
    const call = await talking(world);
    world.gateway.notify({
      type: 'mediaReset',
      callId: call.callId as never,
      offer: { ...OFFER, layered: true },
    });
    await world.settle();
    expect(world.transports[2]?.encodings).toEqual([0, 3]);
    expect(world.transports[0]?.encodings).toEqual([0, 0]);

    const old = new World();
    old.canLayer = false;
    const other = await talking(old);
    old.gateway.notify({
      type: 'mediaReset',
      callId: other.callId as never,
      offer: { ...OFFER, layered: true },
    });
    await old.settle();
    expect(old.transports[2]?.encodings).toEqual([0, 0]);
  });
});
