import type { EventEmitter } from 'node:events';
import {
  AudioHelper,
  Call,
  Device,
  OutputDeviceCollection,
  PreflightTest,
  type TwilioSample,
} from '@parley/client/compat/twilio';
import { FakeGateway } from '@parley/client/testing';
import {
  Call as TwilioCall,
  Device as TwilioDevice,
  PreflightTest as TwilioPreflightTest,
  type AudioHelper as TwilioAudioHelper,
  type OutputDeviceCollection as TwilioOutputs,
  type RTCSample as TwilioSampleOfTheirs,
} from '@twilio/voice-sdk';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';

/** What Twilio has and this has not: the guide "Moving from Twilio" says what to do instead. */
type CallGaps =
  // Not for users.
  '_setInputTracksFromStream' | '_setSinkIds';
type DeviceStaticGaps = 'audioContext' | 'extension';
type AudioGaps =
  | 'addProcessor'
  | 'removeProcessor'
  | 'processedStream'
  | `${'local' | 'remote'}ProcessedStream`;
/** Of Node's emitter, what listens and stops is here. */
type EmitterGaps = Exclude<
  keyof EventEmitter,
  'on' | 'once' | 'off' | 'addListener' | 'removeListener' | 'removeAllListeners' | 'listenerCount' | 'emit'
>;

type Missing<Theirs, Ours> = Exclude<keyof Theirs, keyof Ours>;
type Same<Theirs, Ours, Name extends keyof Theirs & keyof Ours> =
  Pick<Ours, Name> extends Pick<Theirs, Name> ? true : false;

describe('the types of Twilio Voice', () => {
  it('[PK30] every name is here, or in the list of gaps; nothing is in the list that is here', () => {
    expectTypeOf<Missing<TwilioDevice, Device>>().toEqualTypeOf<EmitterGaps>();
    expectTypeOf<Missing<TwilioCall, Call>>().toEqualTypeOf<CallGaps | EmitterGaps>();
    // What begins with an underscore is Twilio's own.
    type OwnOfTwilio = Extract<keyof TwilioAudioHelper, `_${string}`>;
    expectTypeOf<Missing<TwilioAudioHelper, AudioHelper>>().toEqualTypeOf<
      AudioGaps | OwnOfTwilio | EmitterGaps
    >();
    expectTypeOf<Missing<TwilioOutputs, OutputDeviceCollection>>().toEqualTypeOf<never>();
    type EventsOfTwilio = Extract<keyof TwilioPreflightTest, `${string}Event`>;
    expectTypeOf<Missing<TwilioPreflightTest, PreflightTest>>().toEqualTypeOf<EmitterGaps | EventsOfTwilio>();
    // Twilio documents its events by functions that do not exist.
    type StaticsOfTwilio = Exclude<keyof typeof TwilioDevice, keyof typeof EventEmitter | `${string}Event`>;
    expectTypeOf<Exclude<StaticsOfTwilio, keyof typeof Device>>().toEqualTypeOf<DeviceStaticGaps>();
  });

  it('[PK30] what is here can stand where Twilio’s stands', () => {
    expectTypeOf<
      Same<
        TwilioDevice,
        Device,
        | 'register'
        | 'unregister'
        | 'destroy'
        | 'disconnectAll'
        | 'updateToken'
        | 'identity'
        | 'isBusy'
        | 'token'
        | 'edge'
        | 'home'
        | 'toString'
      >
    >().toEqualTypeOf<true>();
    expectTypeOf<
      Same<
        TwilioCall,
        Call,
        | 'accept'
        | 'reject'
        | 'ignore'
        | 'disconnect'
        | 'mute'
        | 'isMuted'
        | 'sendDigits'
        | 'customParameters'
        | 'parameters'
        | 'callerInfo'
        | 'codec'
        | 'getLocalStream'
        | 'getRemoteStream'
        | 'sendMessage'
      >
    >().toEqualTypeOf<true>();
    expectTypeOf<
      Same<
        TwilioAudioHelper,
        AudioHelper,
        | 'availableInputDevices'
        | 'availableOutputDevices'
        | 'inputDevice'
        | 'inputStream'
        | 'audioConstraints'
        | 'isOutputSelectionSupported'
        | 'isVolumeSupported'
        | 'setInputDevice'
        | 'unsetInputDevice'
        | 'setAudioConstraints'
        | 'unsetAudioConstraints'
        | 'incoming'
        | 'outgoing'
        | 'disconnect'
      >
    >().toEqualTypeOf<true>();
    expectTypeOf<
      Same<TwilioOutputs, OutputDeviceCollection, 'get' | 'set' | 'delete' | 'test'>
    >().toEqualTypeOf<true>();
    expectTypeOf<
      Same<TwilioPreflightTest, PreflightTest, 'stop' | 'callSid' | 'startTime' | 'endTime' | 'latestSample'>
    >().toEqualTypeOf<true>();
    expectTypeOf<Same<TwilioSampleOfTheirs, TwilioSample, keyof TwilioSample>>().toEqualTypeOf<true>();
    // A report is read as Twilio's is; its words are the values of Twilio's enumerations.
    expectTypeOf<Omit<PreflightTest.Report, 'callQuality'>>().toExtend<
      Omit<TwilioPreflightTest.Report, 'callQuality'>
    >();
    expectTypeOf<`${TwilioPreflightTest.CallQuality}`>().toEqualTypeOf<PreflightTest.CallQuality>();
    expectTypeOf<`${TwilioPreflightTest.Status}`>().toEqualTypeOf<PreflightTest.Status>();
    expectTypeOf<TwilioPreflightTest.Options>().toExtend<PreflightTest.Options>();
    // What one writes to Twilio's device is understood by this one.
    expectTypeOf<TwilioDevice.ConnectOptions['params']>().toExtend<Device.ConnectOptions['params']>();
    expectTypeOf<`${TwilioDevice.State}`>().toEqualTypeOf<Device.State>();
    expectTypeOf<`${TwilioCall.State}`>().toEqualTypeOf<Call.State>();
    expectTypeOf<`${TwilioCall.CallDirection}`>().toEqualTypeOf<Call['direction']>();
  });

  it('[PK30] words and numbers are the same', () => {
    expect(Call.State).toEqual(TwilioCall.State);
    expect(Call.CallDirection).toEqual(TwilioCall.CallDirection);
    expect(Call.Codec).toEqual(TwilioCall.Codec);
    expect(Call.FeedbackIssue).toEqual(TwilioCall.FeedbackIssue);
    expect(TwilioCall.FeedbackScore).toMatchObject(Call.FeedbackScore);
    expect(Device.State).toEqual(TwilioDevice.State);
    expect(Device.EventName).toEqual(TwilioDevice.EventName);
    expect(Device.SoundName).toEqual(TwilioDevice.SoundName);
    expect(PreflightTest.CallQuality).toEqual(TwilioPreflightTest.CallQuality);
    expect(PreflightTest.Events).toEqual(TwilioPreflightTest.Events);
    expect(PreflightTest.Status).toEqual(TwilioPreflightTest.Status);
  });

  it('[PK30] an event that Twilio has not does not compile', () => {
    const device = new Device('jenny');
    // @ts-expect-error: misspelt
    device.on('incomming', () => undefined);
    // @ts-expect-error: `incoming` carries a call
    device.on('incoming', (name: string) => name);
    expect(device.state).toBe(Device.State.Unregistered);
  });
});

async function registered(gateway: FakeGateway) {
  const page = gateway.page();
  const device = new Device('jenny', { platform: page.platform, logLevel: 'silent' });
  const heard: string[] = [];
  for (const name of ['registering', 'registered', 'unregistered', 'destroyed'] as const)
    device.on(name, () => heard.push(name));
  await device.register();
  return { page, device, heard };
}

function listenTo(call: Call): string[] {
  const heard: string[] = [];
  for (const name of ['accept', 'cancel', 'disconnect', 'reject', 'ringing', 'reconnected'] as const)
    call.on(name, () => heard.push(name));
  call.on('mute', (isMuted) => heard.push(`mute ${isMuted}`));
  call.on('error', (error) => heard.push(`error ${error.code}`));
  return heard;
}

describe('Twilio’s device over the wire', () => {
  it('[PK31] registers, is rung, answers, is hung up on, and leaves', async () => {
    const gateway = new FakeGateway();
    const { device, heard } = await registered(gateway);
    expect(heard).toEqual(['registering', 'registered']);
    const incoming: Call[] = [];
    device.on('incoming', (call) => incoming.push(call));
    const alice = gateway.call({ from: 'alice', to: 'jenny', params: { tier: 'gold' } });
    await gateway.settle();
    const [call] = incoming;
    if (call === undefined) throw new Error('nothing rings');
    expect(device.calls).toEqual([call]);
    expect(call.status()).toBe(Call.State.Pending);
    expect(call.direction).toBe('INCOMING');
    expect(call.parameters).toEqual({ From: 'client:alice', To: 'client:jenny', CallSid: alice.callSid });
    expect(call.customParameters).toEqual(new Map([['tier', 'gold']]));
    const told = listenTo(call);
    call.accept();
    await gateway.settle();
    expect(call.status()).toBe('open');
    expect(device.isBusy).toBe(true);
    expect(call.getRemoteStream()?.getTracks()).toHaveLength(1);
    call.mute();
    expect(call.isMuted()).toBe(true);
    call.sendDigits('1w2');
    await gateway.settle();
    expect(alice.digits).toBe('1w2');
    alice.hangUp();
    await gateway.settle();
    expect(told).toEqual(['accept', 'mute true', 'disconnect']);
    await device.unregister();
    device.destroy();
    expect(heard).toEqual(['registering', 'registered', 'unregistered', 'destroyed']);
  });

  it('[PK31] says `cancel` and `reject` as Twilio does: last, without `disconnect`', async () => {
    const gateway = new FakeGateway();
    const { device } = await registered(gateway);
    const told: string[][] = [];
    device.on('incoming', (call) => told.push(listenTo(call)));
    gateway.call({ from: 'alice', to: 'jenny' }).hangUp();
    await gateway.settle();
    gateway.call({ from: 'alice', to: 'jenny' });
    await gateway.settle();
    device.calls[0]?.reject();
    await gateway.settle();
    expect(told).toEqual([['cancel'], ['reject']]);
  });

  it('[PK31] places calls, hears them ring, and is told why they failed', async () => {
    const gateway = new FakeGateway();
    const { device } = await registered(gateway);
    const call = await device.connect({ params: { To: 'client:bob', topic: 'lunch' } });
    const told = listenTo(call);
    const bob = await gateway.nextCall();
    expect(bob).toMatchObject({ to: 'bob', params: { topic: 'lunch' } });
    bob.ring();
    await gateway.settle();
    expect(call.status()).toBe('ringing');
    bob.answer();
    await gateway.settle();
    call.disconnect();
    await gateway.settle();
    expect(told).toEqual(['ringing', 'accept', 'disconnect']);
    const errors: number[] = [];
    device.on('error', ({ code }) => errors.push(code));
    gateway.refuseCalls = 'forbidden';
    const refused = listenTo(await device.connect({ params: { To: 'bob' } }));
    await gateway.settle();
    expect(refused).toEqual(['error 31201', 'disconnect']);
    expect(errors).toEqual([31201]);
  });

  it('[PK35] takes a call that rings at another device of the person, by its connectToken', async () => {
    const gateway = new FakeGateway();
    const { device } = await registered(gateway);
    let rung: Call | undefined;
    device.on('incoming', (call) => (rung = call));
    const alice = gateway.call({ from: 'alice', to: 'jenny', params: { tier: 'gold' } });
    await gateway.settle();
    const token = rung?.connectToken;
    if (rung === undefined || token === undefined) throw new Error('nothing rings');
    const before = listenTo(rung);

    // As Twilio's documentation has it: a device for this call alone.
    const target = new Device('jenny', { platform: gateway.page().platform, logLevel: 'silent' });
    const news: Call[] = [];
    target.on('incoming', (call) => news.push(call));
    const call = await target.connect({ connectToken: token });
    const told = listenTo(call);
    await gateway.settle();
    expect(call.status()).toBe('open');
    expect(call.parameters['CallSid']).toBe(alice.callSid);
    expect(call.customParameters).toEqual(new Map([['tier', 'gold']]));
    expect([told, before, news]).toEqual([['accept'], ['cancel'], []]);
    // It rang for this call alone.
    expect(target.state).toBe('unregistered');
    gateway.call({ from: 'bob', to: 'jenny' });
    await gateway.settle();
    expect(news).toEqual([]);
    expect(device.calls).toHaveLength(1);
    alice.hangUp();
    await gateway.settle();
    expect(told).toEqual(['accept', 'disconnect']);
    target.destroy();
  });

  it('[PK35] takes a call that rings here already; one that is over, or was none, is refused by name', async () => {
    const gateway = new FakeGateway();
    const { device } = await registered(gateway);
    const alice = gateway.call({ from: 'alice', to: 'jenny' });
    await gateway.settle();
    const token = device.calls[0]?.connectToken ?? '';
    const call = await device.connect({ connectToken: token });
    await gateway.settle();
    expect([call === device.calls[0], call.status()]).toEqual([true, 'open']);
    alice.hangUp();
    await gateway.settle();

    await expect(device.connect({ connectToken: 'nonsense' })).rejects.toMatchObject({
      name: 'invalid-argument',
    });
    vi.useFakeTimers();
    try {
      const late = new Device('jenny', { platform: gateway.page().platform, logLevel: 'silent' });
      const refused = late.connect({ connectToken: token }).catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(15_000);
      expect(await refused).toMatchObject({ name: 'call-ended' });
      expect(late.state).toBe('unregistered');
    } finally {
      vi.useRealTimers();
    }
    expect(device.state).toBe('registered');
  });

  it('[PK35] a call that was placed has an id of its own from the start, and no connectToken', async () => {
    const gateway = new FakeGateway();
    const { device } = await registered(gateway);
    const call = await device.connect({ params: { To: 'bob' } });
    expect(call.outboundConnectionId).toBe(call.parley.callId);
    expect(call.connectToken).toBeUndefined();
    gateway.call({ from: 'alice', to: 'jenny' });
    await gateway.settle();
    expect(device.calls[1]?.outboundConnectionId).toBeUndefined();
  });

  it('[PK31] tells of a token that expires, and takes another', async () => {
    const gateway = new FakeGateway();
    const { device } = await registered(gateway);
    const told: Device[] = [];
    device.once('tokenWillExpire', (about) => told.push(about));
    gateway.expireTokensIn(10_000);
    await gateway.settle();
    device.updateToken('another');
    await gateway.settle();
    expect(told).toEqual([device]);
    expect(device.token).toBe('another');
    expect(gateway.heard.at(-1)).toMatchObject({ type: 'renewToken', token: 'another' });
  });
});
