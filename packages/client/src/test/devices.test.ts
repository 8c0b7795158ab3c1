import { describe, expect, it } from 'vitest';
import type { DeviceOptions } from '../api.ts';
import type { Call } from '../call.ts';
import type { Device } from '../device.ts';
import type { FakeTrack } from './fake-devices.test.kit.ts';
import { incoming, World } from './world.test.kit.ts';

/** Two who talk, for so long that devices are looked after. */
async function talking(
  world: World,
  { video = false, ...options }: DeviceOptions & { readonly video?: boolean } = {},
): Promise<{ readonly device: Device; readonly call: Call }> {
  const device = await world.registered(options);
  const heard = device.once('incoming');
  world.gateway.notify(incoming({ audio: true, video }));
  const [call] = await heard;
  const accepted = call.accept({ video });
  await world.settle();
  world.gateway.reply('accept');
  await accepted;
  world.gateway.notify({
    type: 'joined',
    callId: call.callId as never,
    other: { identity: 'alice' },
    video,
  });
  await world.pass(2500);
  return { device, call };
}

const openOf = (world: World, kind: string): FakeTrack[] =>
  world.tracks.filter(
    (track) => track.kind === kind && track.label === 'real' && track.readyState === 'live',
  );

describe('how a microphone is encoded', () => {
  it('[DV22] is the application’s to say, and the browser’s where it says nothing', async () => {
    const spoken = new World();
    await talking(spoken, { audio: { dtx: true, fec: false, maxBitrate: 20_000 } });
    const asked = { opusDtx: true, opusFec: false, opusMaxAverageBitrate: 20_000 };
    expect(spoken.transports.flatMap(({ soundOptions }) => soundOptions)).toEqual([asked]);

    const silent = new World();
    await talking(silent);
    expect(silent.transports.flatMap(({ soundOptions }) => soundOptions)).toEqual([undefined]);
  });
});

describe('the list of devices', () => {
  it('[DV1] is empty until somebody looks, and looking opens nothing', async () => {
    const world = new World();
    const device = await world.registered();
    expect(world.devices.lists).toBe(0);
    expect(device.audio.store.getSnapshot().microphones).toEqual([]);
    const { microphones, speakers, permission, canChooseOutput } = await device.audio.refresh();
    expect(microphones.map(({ label }) => label)).toEqual(['audioinput called one', 'audioinput called two']);
    expect(speakers).toHaveLength(2);
    expect([permission, canChooseOutput]).toEqual(['granted', true]);
    expect((await device.video.refresh()).cameras).toHaveLength(2);
    expect(world.open).toEqual([]);
  });

  it('[DV4] is looked at once for the many events of one headset, and says what came and went', async () => {
    const world = new World();
    const device = await world.registered();
    await device.audio.refresh();
    const lists = world.devices.lists;
    const changed = device.once('deviceChange');
    world.devices.plugIn('audioinput', 'three');
    await world.pass(199);
    expect(world.devices.lists).toBe(lists);
    await world.pass(1);
    expect((await changed)[0]).toMatchObject({
      added: [{ kind: 'microphone', deviceId: 'audioinput three' }],
      lost: [],
    });
    expect(world.devices.lists).toBe(lists + 1);
    await world.pass(600_000);
    expect(world.devices.lists).toBe(lists + 1);
  });

  it('[DV5] asks the person by opening and closing, and says why not', async () => {
    const world = new World();
    const device = await world.registered();
    await device.audio.requestPermission();
    expect(world.tracks.map(({ readyState }) => readyState)).toEqual(['ended']);
    world.refuse = { video: 'OverconstrainedError' };
    await expect(device.video.requestPermission()).rejects.toMatchObject({ name: 'camera-overconstrained' });
  });
});

describe('choosing a microphone or a camera', () => {
  it('[DV2] swaps it in a running call, the old one closed first, and keeps it muted', async () => {
    const world = new World();
    const { device, call } = await talking(world);
    call.mute();
    const [before] = openOf(world, 'audio');
    let wasOpen: boolean | null = null;
    const openSource = world.platform.openSource.bind(world.platform);
    Object.assign(world.platform, {
      openSource: (...wish: Parameters<typeof openSource>) => {
        wasOpen = before?.readyState === 'live';
        return openSource(...wish);
      },
    });
    await device.audio.setInputDevice('audioinput two');
    expect(wasOpen).toBe(false);
    const [now] = openOf(world, 'audio');
    expect([now?.deviceId, now?.enabled]).toEqual(['audioinput two', false]);
    expect(call.isMuted()).toBe(true);
    expect(world.transports[0]?.sent[0]?.now).toBe('real');
    expect(device.audio.store.getSnapshot().microphone).toMatchObject({
      wanted: ['audioinput two'],
      selected: [{ deviceId: 'audioinput two' }],
    });
    call.mute(false);
    expect(now?.enabled).toBe(true);
  });

  it('[DV2] opens nothing without a call, and what was chosen with the next', async () => {
    const world = new World();
    const device = await world.registered();
    await device.audio.setInputDevice('audioinput two');
    expect(world.open).toEqual([]);
    await device.connect({ to: 'alice' });
    await world.settle();
    expect(openOf(world, 'audio')[0]?.deviceId).toBe('audioinput two');
  });

  it('[DV6] refuses what is not there, and goes on with what was used when another cannot be opened', async () => {
    const world = new World();
    const { device, call } = await talking(world);
    await expect(device.audio.setInputDevice('nothing')).rejects.toMatchObject({
      name: 'microphone-not-found',
    });
    world.refuse = { audio: 'NotReadableError' };
    const refused = device.audio.setInputDevice('audioinput two');
    world.refuse = {};
    const openSource = world.platform.openSource.bind(world.platform);
    Object.assign(world.platform, {
      openSource: (kind: 'audio', constraints: MediaTrackConstraints | true) =>
        JSON.stringify(constraints).includes('two')
          ? Promise.reject(Object.assign(new Error('busy'), { name: 'NotReadableError' }))
          : openSource(kind, constraints),
    });
    await expect(refused).rejects.toMatchObject({ name: 'microphone-in-use' });
    expect(device.audio.store.getSnapshot().microphone.wanted).toEqual([]);
    expect(openOf(world, 'audio')).toHaveLength(1);
    expect(call.store.getSnapshot().media.microphone).toBe('on');
  });

  it('[DV7] makes one change after the other', async () => {
    const world = new World();
    const { device } = await talking(world);
    await Promise.all([
      device.audio.setInputDevice('audioinput two'),
      device.audio.setInputDevice('audioinput one'),
      device.audio.setInputDevice('audioinput two'),
    ]);
    expect(openOf(world, 'audio').map(({ deviceId }) => deviceId)).toEqual(['audioinput two']);
  });

  it('[DV8] replaces an unplugged microphone in the call by the default, without a complaint, and takes it back', async () => {
    const world = new World();
    const { device, call } = await talking(world);
    await device.audio.setInputDevice('audioinput two');
    const complaints: string[] = [];
    call.on('error', ({ name }) => complaints.push(name));
    world.devices.unplug('audioinput two');
    openOf(world, 'audio')[0]?.end();
    await world.pass(1000);
    expect(openOf(world, 'audio').map(({ deviceId }) => deviceId)).toEqual(['audioinput one']);
    expect(call.store.getSnapshot().media.microphone).toBe('on');
    world.devices.plugIn('audioinput', 'two');
    await world.pass(1000);
    expect(openOf(world, 'audio').map(({ deviceId }) => deviceId)).toEqual(['audioinput two']);
    expect(complaints).toEqual([]);
  });

  it('[DV8] asks for nothing again where the person has taken the permission back', async () => {
    const world = new World();
    const { call } = await talking(world);
    const complaint = call.once('error');
    openOf(world, 'audio')[0]?.end();
    await world.settle();
    expect((await complaint)[0].name).toBe('microphone-failed');
    expect(world.asked).toHaveLength(1);
  });

  it('[DV9] switches the camera to the next, to one by its id, and to the side that is wanted', async () => {
    const world = new World();
    const { call } = await talking(world, { video: true });
    await call.media.camera.switch();
    expect(openOf(world, 'video').map(({ deviceId }) => deviceId)).toEqual(['videoinput two']);
    await call.media.camera.switch('videoinput one');
    expect(openOf(world, 'video').map(({ deviceId }) => deviceId)).toEqual(['videoinput one']);
    await call.media.camera.switch('environment');
    expect(world.asked.at(-1)?.constraints).toEqual({ facingMode: { ideal: 'environment' } });
    await call.media.camera.switch('videoinput two');
    expect(openOf(world, 'video').map(({ deviceId }) => deviceId)).toEqual(['videoinput two']);
    expect(world.gateway.all('produce')).toHaveLength(2);
  });

  it('[DV10] switches sources off and on again by their own names, with constraints where there are any', async () => {
    const world = new World();
    const { call } = await talking(world, { video: true });
    await call.media.camera.off();
    expect(world.open).toEqual(['audio']);
    expect(call.media.camera.state).toBe('muted');
    await call.media.camera.on({ width: 1280 });
    expect(world.asked.at(-1)).toEqual({ kind: 'video', constraints: { width: 1280 } });
    await call.media.microphone.off();
    expect([world.open, call.isMuted()]).toEqual([['video'], true]);
    await call.media.microphone.on();
    expect([world.open.toSorted(), call.isMuted()]).toEqual([['audio', 'video'], false]);
    expect(call.media.microphone.track).toBe(openOf(world, 'audio')[0]);
  });

  it('[DV10] opens nothing of a person who has not answered', async () => {
    const world = new World();
    const device = await world.registered();
    const heard = device.once('incoming');
    world.gateway.notify(incoming());
    const [call] = await heard;
    await expect(call.media.screen.on()).rejects.toMatchObject({ name: 'wrong-state' });
    await expect(call.media.microphone.on()).rejects.toMatchObject({ name: 'wrong-state' });
    expect(world.open).toEqual([]);
  });
});

describe('outputs', () => {
  it('[DV11] sends the other side to one output and the ringing to another, in calls that run and in later ones', async () => {
    const world = new World();
    const { device, call } = await talking(world);
    world.gateway.notify(consume(call, 'microphone', 'audio'));
    await world.settle();
    await device.audio.speakerDevices.set('audiooutput two');
    await device.audio.ringtoneDevices.set(['audiooutput one', 'audiooutput two']);
    expect(world.outputs).toEqual({
      voice: ['audiooutput two'],
      speaker: ['audiooutput two'],
      ringtone: ['audiooutput one', 'audiooutput two'],
    });
    await device.audio.ringtoneDevices.test();
    expect(world.devices.tested).toEqual([['audiooutput one', 'audiooutput two']]);
    world.devices.unplug('audiooutput two');
    await world.pass(200);
    expect(world.outputs['voice']).toEqual([]);
    expect(world.outputs['ringtone']).toEqual(['audiooutput one']);
    await expect(device.audio.speakerDevices.set('gone')).rejects.toMatchObject({ name: 'speaker-failed' });
    await device.audio.ringtoneDevices.set('default');
    expect(world.outputs['ringtone']).toEqual([]);
  });

  it('[DV12] lets the browser ask where it has a dialogue of its own, and says so where it has none', async () => {
    const world = new World();
    const device = await world.registered();
    expect(await device.audio.speakerDevices.choose()).toBeNull();
    world.devices.selectOutput = async () => {
      world.devices.plugIn('audiooutput', 'three');
      const chosen = world.devices.plugged.at(-1);
      if (chosen === undefined) throw new Error('nothing is plugged in');
      return chosen;
    };
    expect(await device.audio.speakerDevices.choose()).toMatchObject({ deviceId: 'audiooutput three' });
    expect(world.outputs['speaker']).toEqual(['audiooutput three']);
  });

  it('[DV11] refuses to choose where the browser cannot', async () => {
    const world = new World();
    world.devices.canChooseOutput = false;
    const device = await world.registered();
    await expect(device.audio.speakerDevices.set('audiooutput one')).rejects.toMatchObject({
      name: 'speaker-failed',
    });
  });
});

describe('what is remembered', () => {
  it('[DV3] is chosen again in the next visit, before it rings', async () => {
    const world = new World();
    const before = await world.registered();
    await before.audio.setInputDevice('audioinput two');
    await before.audio.ringtoneDevices.set('audiooutput two');
    const next = new World();
    next.devices.kept = world.devices.kept;
    const device = await next.registered();
    await next.settle();
    expect(next.outputs['ringtone']).toEqual(['audiooutput two']);
    await device.connect({ to: 'alice' });
    await next.settle();
    expect(openOf(next, 'audio')[0]?.deviceId).toBe('audioinput two');
  });

  it('[DV3] is nothing where the application does not want it, or somebody else wrote it', async () => {
    for (const [kept, persistDevices] of [
      ['{"microphone":[{"deviceId":"audioinput two","label":""}]}', false],
      ['{"microphone":[7,{"deviceId":1}],"speaker":"loud"}', true],
      ['nonsense', true],
    ] as const) {
      const world = new World();
      world.devices.kept = kept;
      const device = await world.registered({ persistDevices });
      const { microphone } = await device.audio.refresh();
      expect(microphone.wanted).toEqual([]);
      await device.audio.setInputDevice('audioinput one');
      expect(world.devices.kept === kept).toBe(!persistDevices);
    }
  });
});

describe('looking and listening without a call', () => {
  it('[DV13] measures the microphone while a meter is open, and closes it with it', async () => {
    const world = new World();
    const device = await world.registered();
    const levels: number[] = [];
    device.on('inputVolume', (level) => levels.push(level));
    {
      using meter = await device.audio.openMeter();
      expect(world.open).toEqual(['audio']);
      world.devices.level(0.25);
      expect(meter.level).toBe(0.25);
    }
    expect([world.open, world.devices.meters, levels]).toEqual([[], 0, [0.25]]);
  });

  it('[DV13] listens to a copy in a call, which hears a muted person, and opens nothing twice', async () => {
    const world = new World();
    const { device, call } = await talking(world);
    call.mute();
    const meter = await device.audio.openMeter();
    expect(world.asked).toHaveLength(1);
    meter.close();
    expect(world.open).toEqual(['audio']);
  });

  it('[DV14] shows the camera that a call would use; whatever is open is closed with the device', async () => {
    const world = new World();
    const device = await world.registered();
    await device.video.setInputDevice('videoinput two');
    const { stream } = await device.video.openPreview();
    expect(stream.getTracks()).toEqual(openOf(world, 'video'));
    expect(openOf(world, 'video')[0]?.deviceId).toBe('videoinput two');
    await device.destroy();
    expect(world.open).toEqual([]);
  });
});

describe('what the system does', () => {
  it('[DV15] tells when it takes the microphone away and gives it back, here and at the other side', async () => {
    const world = new World();
    const { call } = await talking(world);
    const events: string[] = [];
    call.on('interrupted', ({ kind }) => events.push(`interrupted ${kind}`));
    call.on('restored', ({ kind }) => events.push(`restored ${kind}`));
    openOf(world, 'audio')[0]?.mute(true);
    expect(call.store.getSnapshot().media.interrupted).toEqual(['microphone']);
    expect(call.media.microphone.isInterrupted).toBe(true);
    openOf(world, 'audio')[0]?.mute(false);
    expect(call.store.getSnapshot().media.interrupted).toEqual([]);
    expect(events).toEqual(['interrupted audio', 'restored audio']);
    expect(world.gateway.all('producerMuted').map(({ muted }) => muted)).toEqual([true, false]);
  });

  it('[DV15] opens it anew when the page is looked at again and it has not been given back', async () => {
    const world = new World();
    const { call } = await talking(world);
    const [taken] = openOf(world, 'audio');
    taken?.mute(true);
    world.lifecycle('wake');
    await world.settle();
    expect(taken?.readyState).toBe('ended');
    expect(openOf(world, 'audio')).toHaveLength(1);
    expect(call.store.getSnapshot().media.interrupted).toEqual([]);
  });

  it('[DV16] keeps the screen on while a call is open, and only then, and only where that is wanted', async () => {
    const world = new World();
    const { call } = await talking(world);
    expect(world.devices.awake).toBe(1);
    await call.disconnect();
    expect(world.devices.awake).toBe(0);
    const other = new World();
    await talking(other, { wakeLock: 'off' });
    expect(other.devices.awake).toBe(0);
  });

  it('[DV17] lets the system hang up, mute and switch the camera', async () => {
    const world = new World();
    const { call } = await talking(world, { video: true });
    const shown = () => world.devices.shown.at(-1);
    expect(shown()).toMatchObject({ title: 'alice', isMuted: false, isCameraOn: true });
    shown()?.toggleMicrophone();
    expect([call.isMuted(), shown()?.isMuted]).toEqual([true, true]);
    shown()?.toggleCamera();
    await world.settle();
    expect([world.open, shown()?.isCameraOn]).toEqual([['audio'], false]);
    shown()?.hangUp();
    await world.settle();
    expect(call.status()).toBe('closed');
    expect(world.devices.shown).toEqual([]);
    const other = new World();
    await talking(other, { mediaSession: false });
    expect(other.devices.shown).toEqual([]);
  });
});

export function consume(
  call: Call,
  source: 'microphone' | 'camera' | 'screen',
  kind: 'audio' | 'video',
  from?: string,
) {
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
  } as const;
}
