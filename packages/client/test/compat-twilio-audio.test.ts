import { Device, type AudioHelper, type Call, type PreflightTest } from '@parley/client/compat/twilio';
import { FakeGateway } from '@parley/client/testing';
import { describe, expect, it } from 'vitest';

async function registered() {
  const gateway = new FakeGateway();
  const page = gateway.page();
  const device = new Device('jenny', { platform: page.platform, logLevel: 'silent' });
  await device.register();
  const { audio } = device;
  if (audio === null) throw new Error('no audio');
  const changes: string[][] = [];
  audio.on('deviceChange', (lost) => changes.push(lost.map(({ label }) => label)));
  await gateway.settle();
  return { gateway, page, device, audio, changes };
}

async function talking() {
  const world = await registered();
  const call = await world.device.connect({ params: { To: 'bob' } });
  const bob = await world.gateway.nextCall();
  bob.answer();
  await world.gateway.settle();
  await world.gateway.advance(3000);
  return { ...world, call, bob };
}

const labels = (devices: Map<string, MediaDeviceInfo>) =>
  Array.from(devices, ([deviceId, { label }]) => [deviceId, label]);

describe('Twilio’s audio helper', () => {
  it('[PK33] lists devices by id, with the system’s own choice, and says when they come and go', async () => {
    const { gateway, page, device, audio, changes } = await registered();
    expect(labels(audio.availableInputDevices)).toEqual([
      ['default', 'Default - Fake microphone'],
      ['microphone: Fake microphone', 'Fake microphone'],
    ]);
    expect(audio.availableOutputDevices.size).toBe(2);
    expect(audio.isOutputSelectionSupported).toBe(true);
    const known = audio.availableInputDevices.get('microphone: Fake microphone');
    const headset = page.plugIn({ kind: 'microphone', label: 'Headset' });
    await gateway.advance(200);
    expect(audio.availableInputDevices.get(headset)).toMatchObject({ kind: 'audioinput', label: 'Headset' });
    expect(audio.availableInputDevices.get('microphone: Fake microphone')).toBe(known);
    page.unplug(headset);
    await gateway.advance(200);
    expect(audio.availableInputDevices.has(headset)).toBe(false);
    // The first look, one that came, and one that went and was not in use.
    expect(changes).toEqual([[], [], []]);
    device.destroy();
    expect(device.audio).toBeNull();
  });

  it('[PK33] chooses a microphone, in a call as well; which of the lost was in use is told', async () => {
    const { gateway, page, audio, changes } = await talking();
    const headset = page.plugIn({ kind: 'microphone', label: 'Headset' });
    await gateway.advance(200);
    expect(audio.inputDevice).toBeNull();
    await audio.setInputDevice(headset);
    expect(audio.inputDevice).toBe(audio.availableInputDevices.get(headset));
    expect(audio.inputStream?.getAudioTracks()[0]?.label).toBe('Headset');
    page.unplug(headset);
    await gateway.advance(200);
    expect(changes.at(-1)).toEqual(['Headset']);
    await audio.setInputDevice('default');
    expect(audio.inputDevice?.deviceId).toBe('default');
    await audio.unsetInputDevice();
    expect(audio.inputDevice).toBeNull();
    await expect(audio.setInputDevice('nothing')).rejects.toMatchObject({ name: 'microphone-not-found' });
    await audio.setAudioConstraints({ echoCancellation: false });
    expect(audio.audioConstraints).toEqual({ echoCancellation: false });
    await audio.unsetAudioConstraints();
    expect(audio.audioConstraints).toBeNull();
  });

  it('[PK33] sends sound to several outputs, and leaves one out', async () => {
    const { gateway, page, audio } = await talking();
    const desk = page.plugIn({ kind: 'speaker', label: 'Desk' });
    const room = page.plugIn({ kind: 'speaker', label: 'Room' });
    await gateway.advance(200);
    const { speakerDevices, ringtoneDevices } = audio;
    await speakerDevices.set([desk, room]);
    expect([...speakerDevices.get()].map(({ label }) => label)).toEqual(['Desk', 'Room']);
    expect(page.outputs.speaker).toEqual([desk, room]);
    const [first, second] = speakerDevices.get();
    if (first === undefined || second === undefined) throw new Error('there are two');
    expect(speakerDevices.delete(first)).toBe(true);
    expect(speakerDevices.delete(first)).toBe(false);
    await gateway.settle();
    expect(page.outputs.speaker).toEqual([room]);
    speakerDevices.delete(second);
    await gateway.settle();
    expect(page.outputs.speaker).toEqual([]);
    await ringtoneDevices.set(room);
    await ringtoneDevices.test('https://example.com/ring.mp3');
    expect([page.outputs.ringtone, page.heard.at(-1)]).toEqual([[room], 'test']);
    await expect(speakerDevices.set([])).rejects.toMatchObject({ name: 'invalid-argument' });
  });

  it('[PK33] tells how loud the microphone is, while somebody listens and one is in use', async () => {
    const { gateway, page, device, audio } = await registered();
    const levels: number[] = [];
    const listen = (level: number): void => void levels.push(level);
    audio.on('inputVolume', listen);
    await gateway.settle();
    expect(page.open.size).toBe(0);
    gateway.call({ from: 'alice', to: 'jenny' });
    await gateway.settle();
    device.calls[0]?.accept();
    await gateway.settle();
    page.microphoneLevel = 0.3;
    expect(levels.at(-1)).toBe(0.3);
    audio.off('inputVolume', listen);
    page.microphoneLevel = 0.6;
    await gateway.settle();
    expect(levels.at(-1)).toBe(0.3);
  });

  it('[PK33] switches single sounds, and says which are on', async () => {
    const { gateway, page, device, audio } = await registered();
    expect([audio.incoming(), audio.outgoing(), audio.disconnect()]).toEqual([true, true, true]);
    expect(audio.incoming(false)).toBe(false);
    gateway.call({ from: 'alice', to: 'jenny' });
    await gateway.settle();
    expect(page.sounding.size).toBe(0);
    device.disconnectAll();
    expect([audio.incoming(), audio.outgoing()]).toEqual([false, true]);
    const silent = new Device('otto', { platform: gateway.page().platform, sounds: false });
    expect((silent.audio as AudioHelper).disconnect()).toBe(false);
  });
});

describe('Twilio’s messages and samples', () => {
  it('[PK33] a message has its name at once, and both sides are told of it', async () => {
    const { gateway, bob, call } = await talking();
    const told: unknown[] = [];
    call.on('messageSent', ({ voiceEventSid, content }) => told.push([voiceEventSid, content]));
    call.on('messageReceived', ({ content, messageType }) => told.push([messageType, content]));
    call.on('error', ({ name }) => told.push(name));
    const sid = call.sendMessage({ content: { page: 7 }, messageType: 'user-defined-message' });
    expect(sid).toMatch(/^KX[0-9a-f]{32}$/);
    await gateway.settle();
    expect(bob.messages).toMatchObject([{ content: '{"page":7}', messageType: 'user-defined-message' }]);
    bob.sendMessage({ page: 8 });
    await gateway.settle();
    expect(told).toEqual([
      [sid, { page: 7 }],
      ['user-defined-message', { page: 8 }],
    ]);
    call.sendMessage({ content: 'x'.repeat(20_000), messageType: 'user-defined-message' });
    await gateway.settle();
    expect(told.at(-1)).toBe('message-too-large');
    expect(() => call.sendMessage({ content: undefined, messageType: 'x' })).toThrow(/content/);
  });

  it('[PK33] samples have Twilio’s units, and add up', async () => {
    const { gateway, page, call } = await talking();
    const samples: Parameters<Parameters<Call['on']>[1]>[] = [];
    call.on('sample', (...sample) => samples.push(sample as never));
    page.network.lossFraction = 0.2;
    await gateway.advance(3000);
    expect(samples.at(-1)?.[0]).toMatchObject({
      packetsLostFraction: 20,
      packetsReceived: 40,
      rtt: 40,
      jitter: 5,
      codecName: 'opus',
      totals: { packetsSent: expect.any(Number) as number },
    });
  });
});

describe('Twilio’s preflight', () => {
  function watch(test: PreflightTest): string[] {
    const told: string[] = [];
    for (const name of ['connected', 'sample', 'warning', 'completed'] as const)
      test.on(name, () => told.push(name));
    test.on('failed', ({ name, code }) => told.push(`failed ${name} ${code}`));
    return told;
  }

  it('[PK34] tells what it finds, and reports in Twilio’s shape', async () => {
    const gateway = new FakeGateway();
    const page = gateway.page();
    const test = Device.runPreflight('jenny', { platform: page.platform });
    const told = watch(test);
    expect(test.status).toBe('connecting');
    await expect.poll(() => gateway.heard.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await gateway.advance(20_000);
    expect([told[0], told[1], told.at(-1)]).toEqual(['connected', 'sample', 'completed']);
    const { report } = test;
    expect(report).toMatchObject({
      callQuality: 'excellent',
      isTurnRequired: false,
      stats: { rtt: { average: 40, min: 40, max: 40 } },
      warnings: [],
      parley: { verdict: 'pass' },
    });
    expect(report?.networkTiming.signaling?.duration).toBeGreaterThanOrEqual(0);
    expect(report?.samples).toHaveLength(told.filter((name) => name === 'sample').length);
    expect([test.status, test.latestSample?.rtt]).toEqual(['completed', 40]);
    expect(test.endTime).toBeGreaterThan(test.startTime);
  });

  it('[PK34] warns of what makes calls bad, and fails where there would be none', async () => {
    const gateway = new FakeGateway();
    const page = gateway.page();
    page.network.lossFraction = 0.2;
    const bad = Device.runPreflight('jenny', { platform: page.platform });
    const warned: string[] = [];
    bad.on('warning', (name) => warned.push(name));
    await gateway.settle();
    await gateway.advance(20_000);
    expect(bad.status).toBe('completed');
    expect(warned).toContain('high-packet-loss');
    page.refuse.microphone = 'NotFoundError';
    const failing = Device.runPreflight('jenny', { platform: page.platform });
    const told = watch(failing);
    await gateway.settle();
    await gateway.advance(20_000);
    expect([failing.status, told.at(-1)]).toEqual([
      'failed',
      expect.stringMatching(/^failed microphone-not-found/),
    ]);
    const quiet = Device.runPreflight('jenny', { platform: page.platform, fakeMicInput: true });
    await gateway.settle();
    await gateway.advance(20_000);
    expect(quiet.status).toBe('completed');
  });

  it('[PK34] stopped, it closes everything and says so', async () => {
    const gateway = new FakeGateway();
    const page = gateway.page();
    const test = Device.runPreflight('jenny', { platform: page.platform });
    const told = watch(test);
    await gateway.settle();
    test.stop();
    await gateway.settle();
    expect([test.status, told.at(-1), page.open.size]).toEqual([
      'failed',
      expect.stringMatching(/^failed aborted/),
      0,
    ]);
  });
});
