import { describe, expect, it } from 'vitest';
import { Device, type DeviceOptions } from '../index.ts';
import { runPreflight } from '../preflight-entry.ts';
import { FakeGateway, type FakePage } from '../testing-entry.ts';

async function registered(options: DeviceOptions = {}) {
  const gateway = new FakeGateway();
  const page = gateway.page();
  const device = new Device('jenny', { logLevel: 'silent', ...options, platform: page.platform });
  await device.register();
  return { gateway, page, device };
}

async function talking() {
  const world = await registered();
  const call = await world.device.connect({ to: 'bob' });
  const bob = await world.gateway.nextCall();
  bob.answer();
  await world.gateway.settle();
  await world.gateway.advance(3000);
  return { ...world, call, bob };
}

const openIds = (page: FakePage) => [...page.open].map((track) => track.getSettings().deviceId);

describe('devices of a fake page', () => {
  it('[PK14] are one of each kind, and more come and go', async () => {
    const { gateway, page, device } = await registered();
    const { microphones, speakers, canChooseOutput } = await device.audio.refresh();
    expect(microphones.map(({ label }) => label)).toEqual(['Fake microphone']);
    expect([speakers.length, canChooseOutput]).toEqual([1, true]);
    const changed = device.once('deviceChange');
    const headset = page.plugIn({ kind: 'microphone', label: 'Headset' });
    page.plugIn({ kind: 'speaker', label: 'Headset' });
    await gateway.advance(200);
    expect((await changed)[0].added.map(({ kind, label }) => `${kind} ${label}`)).toEqual([
      'microphone Headset',
      'speaker Headset',
    ]);
    page.unplug(headset);
    await gateway.advance(200);
    expect(device.audio.store.getSnapshot().microphones).toHaveLength(1);
    expect(() => page.unplug('nothing')).toThrow(RangeError);
  });

  it('[PK14] have no names before the person has been asked', async () => {
    const { page, device } = await registered();
    page.permission = 'prompt';
    expect((await device.audio.refresh()).microphones).toEqual([]);
    await device.audio.requestPermission();
    expect(page.permission).toBe('granted');
    expect(device.audio.store.getSnapshot().microphones).toHaveLength(1);
  });

  it('[PK14] are used in calls, replaced when they are pulled out, and taken again', async () => {
    const { gateway, page, device, call } = await talking();
    const headset = page.plugIn({ kind: 'microphone', label: 'Headset' });
    await gateway.advance(200);
    await device.audio.setInputDevice(headset);
    expect(openIds(page)).toEqual([headset]);
    page.unplug(headset);
    await gateway.advance(1000);
    expect(openIds(page)).toEqual(['microphone: Fake microphone']);
    expect(call.media.microphone.state).toBe('on');
    page.plugIn({ kind: 'microphone', label: 'Headset' });
    await gateway.advance(1000);
    expect(openIds(page)).toEqual([headset]);
    await expect(device.audio.setInputDevice('nothing')).rejects.toMatchObject({
      name: 'microphone-not-found',
    });
  });

  it('[PK14] say where sound comes out, and that a speaker is lost', async () => {
    const { gateway, page, device, call } = await talking();
    const speaker = page.plugIn({ kind: 'speaker', label: 'Desk' });
    await gateway.advance(200);
    await device.audio.speakerDevices.set(speaker);
    await device.audio.ringtoneDevices.set(speaker);
    await device.audio.ringtoneDevices.test();
    expect(page.outputs).toEqual({ speaker: [speaker], ringtone: [speaker] });
    expect(page.heard).toContain('test');
    const lost = call.once('warning');
    page.unplug(speaker);
    await gateway.advance(2000);
    expect((await lost)[0].name).toBe('sink-lost');
    expect(page.outputs.speaker).toEqual([]);
  });

  it('[PK14] are measured: by a meter, and while a person is muted', async () => {
    const { gateway, page, device, call } = await talking();
    const meter = await device.audio.openMeter();
    page.microphoneLevel = 0.4;
    expect(meter.level).toBe(0.4);
    meter.close();
    const muted = call.once('warning');
    call.mute();
    await gateway.advance(5000);
    expect((await muted)[0].name).toBe('speaking-while-muted');
  });

  it('[PK14] a screen is shared, or is not', async () => {
    const { page, call, gateway } = await talking();
    page.refuse.screen = 'NotAllowedError';
    await expect(call.media.screen.on()).rejects.toMatchObject({ name: 'screen-denied' });
    delete page.refuse.screen;
    await call.media.screen.on();
    expect([call.media.screen.state, page.open.size]).toEqual(['on', 2]);
    expect(page.isAwake).toBe(true);
    page.systemCall?.hangUp();
    await gateway.settle();
    expect([page.open.size, page.isAwake, page.systemCall]).toEqual([0, false, null]);
  });
});

describe('the network of a fake page', () => {
  it('[PK15] is as good as the test says, and so are samples, warnings and the word for the whole', async () => {
    const { gateway, page, call } = await talking();
    await gateway.advance(5000);
    expect(call.store.getSnapshot().quality?.level).toBe('excellent');
    page.network.lossFraction = 0.2;
    const warned: string[] = [];
    call.on('warning', ({ name }) => warned.push(name));
    await gateway.advance(6000);
    expect(warned).toContain('high-packet-loss');
    expect(call.store.getSnapshot().quality?.level).toBe('poor');
  });

  it('[PK15] carries a preflight, which passes, or says what is wrong', async () => {
    const { gateway, page } = await registered();
    const verdictOf = async (): Promise<unknown> => {
      const { report } = runPreflight('jenny', { platform: page.platform, durationMs: 3000 });
      await gateway.advance(10_000);
      const { verdict, reasons } = await report;
      return [verdict, reasons];
    };
    expect(await verdictOf()).toEqual(['pass', []]);
    page.refuse.microphone = 'NotAllowedError';
    expect(await verdictOf()).toEqual(['fail', ['microphone-denied']]);
    delete page.refuse.microphone;
    gateway.isReachable = false;
    expect(await verdictOf()).toEqual(['fail', ['connection-failed']]);
  });
});
