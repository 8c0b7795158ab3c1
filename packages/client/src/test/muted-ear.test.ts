import { describe, expect, it } from 'vitest';
import type { DeviceOptions } from '../api.ts';
import type { Call } from '../call.ts';
import { sustainedLevel } from '../core/quality/muted-level.ts';
import type { Device } from '../device.ts';
import { incoming, World } from './world.test.kit.ts';

/** Two who talk, for so long that devices are looked after. */
async function talking(
  options: DeviceOptions = {},
): Promise<{ readonly world: World; readonly device: Device; readonly call: Call; readonly told: string[] }> {
  const world = new World();
  const device = await world.registered(options);
  const heard = device.once('incoming');
  world.gateway.notify(incoming());
  const [call] = await heard;
  const accepted = call.accept();
  await world.settle();
  world.gateway.reply('accept');
  await accepted;
  world.gateway.notify({
    type: 'joined',
    callId: call.callId as never,
    other: { identity: 'alice' },
    video: false,
  });
  await world.pass(2500);
  const told: string[] = [];
  call.on('warning', ({ name }) => told.push(`+${name}`));
  call.on('warning-cleared', ({ name }) => told.push(`-${name}`));
  return { world, device, call, told };
}

/** Somebody speaks for so many seconds, as a meter hears it. */
async function speak(world: World, seconds: number, level = 0.3): Promise<void> {
  for (let tenth = 0; tenth < 10 * seconds; tenth += 1) {
    world.devices.level(level);
    await world.pass(100);
  }
}

/** The microphone and its copies, as far as they are open. */
const open = ({ tracks, devices }: World) => ({
  microphones: tracks.filter(({ label, readyState }) => label === 'real' && readyState === 'live').length,
  meters: devices.meters,
});

describe('listening to a muted microphone', () => {
  it('[QY50] tells a person who speaks that they are muted, and takes it back when they are not', async () => {
    const { world, call, told } = await talking();
    await speak(world, 5);
    expect(told).toEqual([]);
    call.mute();
    await speak(world, 5);
    expect(told).toEqual(['+speaking-while-muted']);
    call.mute(false);
    await world.pass(1500);
    expect(told).toEqual(['+speaking-while-muted', '-speaking-while-muted']);
  });

  it('[QY50] takes it back after four quiet seconds', async () => {
    const { world, call, told } = await talking();
    call.mute();
    await speak(world, 5);
    await speak(world, 5, 0.001);
    expect(told).toEqual(['+speaking-while-muted', '-speaking-while-muted']);
  });

  it('[QY50] listens through a copy that is sent nowhere, and only while it is muted, joined and not on hold', async () => {
    const { world, device, call } = await talking();
    const [transport] = world.transports;
    expect(world.devices.meters).toBe(0);
    call.mute();
    expect(open(world)).toEqual({ microphones: 1, meters: 1 });
    expect(transport?.sent.map(({ now }) => now)).toEqual(['real']);
    expect(world.tracks.find(({ label }) => label === 'real')?.enabled).toBe(false);
    call.mute(false);
    expect(open(world).meters).toBe(0);
    call.mute();
    const held = call.hold();
    await world.settle();
    world.gateway.reply('hold');
    world.gateway.notify({
      type: 'standing',
      callId: call.callId as never,
      standing: { held: { local: true, remote: false }, video: false },
    });
    await held;
    await world.settle();
    expect(open(world).meters).toBe(0);
    await device.destroy();
    expect(open(world)).toEqual({ microphones: 0, meters: 0 });
  });

  it('[QY50] what is muted and closed stays closed', async () => {
    const { world, call } = await talking();
    call.mute();
    await call.media.microphone.off();
    await world.pass(5000);
    expect(open(world)).toEqual({ microphones: 0, meters: 0 });
  });

  it('[QY50] ends with the call', async () => {
    const { world, call } = await talking();
    call.mute();
    await call.disconnect();
    expect(open(world)).toEqual({ microphones: 0, meters: 0 });
  });

  it('[QY50] follows a person to another microphone', async () => {
    const { world, device, call, told } = await talking();
    call.mute();
    await device.audio.setInputDevice('audioinput two');
    expect(open(world)).toEqual({ microphones: 1, meters: 1 });
    await speak(world, 5);
    expect(told).toEqual(['+speaking-while-muted']);
  });

  it.each([{ listenWhileMuted: false }, { quality: false }])(
    '[QY50] does not listen where that is not wanted: %o',
    async (options) => {
      const { world, call, told } = await talking(options);
      call.mute();
      await speak(world, 5);
      expect([world.devices.meters, told]).toEqual([0, []]);
    },
  );

  it('[QY50] whom only a conference has muted is measured on the way up, and nothing is opened for it', async () => {
    const { world, call, told } = await talking();
    const sent = [
      { type: 'media-source', id: 'S', kind: 'audio', audioLevel: 0.2 },
      { type: 'outbound-rtp', id: 'O', kind: 'audio', packetsSent: 50, bytesSent: 4000 },
    ];
    const up = world.transports.find(({ options }) => options.direction === 'send');
    Object.assign(up ?? {}, { getStats: async () => new Map(sent.map((entry) => [entry.id, entry])) });
    world.gateway.notify({
      type: 'participants',
      callId: call.callId as never,
      people: [],
      conference: { name: 'blue', started: true, muted: true, onHold: false },
    });
    await world.pass(5000);
    expect([world.devices.meters, told]).toEqual([0, ['+speaking-while-muted']]);
  });

  it('[QY50] a key or a cough is not speech: a quarter of a second has to be as loud', () => {
    expect(sustainedLevel([])).toBeNull();
    expect(sustainedLevel([0.4])).toBe(0.4);
    expect(sustainedLevel([0, 0.9, 0, 0, 0.8, 0, 0, 0, 0, 0, 0, 0])).toBe(0);
    expect(sustainedLevel([0, 0.9, 0.3, 0, 0.8, 0, 0, 0, 0, 0, 0, 0])).toBe(0.3);
  });
});

describe('a speaker that was chosen', () => {
  it('[QY51] and is unplugged is told of in the call, until it is back or another is chosen', async () => {
    const { world, device, told } = await talking();
    await device.audio.speakerDevices.set('audiooutput two');
    await world.pass(2000);
    expect(told).toEqual([]);
    world.devices.unplug('audiooutput two');
    await world.pass(1500);
    expect(told).toEqual(['+sink-lost']);
    world.devices.plugIn('audiooutput', 'two');
    await world.pass(1500);
    expect(told).toEqual(['+sink-lost', '-sink-lost']);
    world.devices.unplug('audiooutput two');
    await world.pass(1500);
    await device.audio.speakerDevices.set('default');
    await world.pass(1500);
    expect(told.slice(2)).toEqual(['+sink-lost', '-sink-lost']);
  });

  it('[QY51] and was away before the call is not missed in it', async () => {
    const { world, told } = await talking();
    world.devices.unplug('audiooutput two');
    await world.pass(3000);
    expect(told).toEqual([]);
  });
});
