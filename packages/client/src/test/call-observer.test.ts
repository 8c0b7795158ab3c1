import { describe, expect, it } from 'vitest';
import type { DeviceOptions, Sample } from '../api.ts';
import type { Call } from '../call.ts';
import { placeCall, stepCall } from '../core/call-machine.ts';
import { TraceRecorder, tracedFrame, type Trace } from '../core/trace.ts';
import { replayTrace } from '../testing/replay-trace.ts';
import { CALL_SID, OFFER, World } from './world.test.kit.ts';

async function talking(world: World, options: DeviceOptions = {}): Promise<Call> {
  const device = await world.registered(options);
  const call = await device.connect({ to: 'jenny', params: { 'X-Pin': '4711' } });
  world.gateway.reply('connect', {
    callSid: CALL_SID,
    media: { ...OFFER, iceServers: [{ urls: ['turn:turn.test'], username: 'a', credential: 'hush' }] },
  });
  world.gateway.notify({
    type: 'joined',
    callId: call.callId as never,
    other: { identity: 'jenny', deviceLabel: 'Jenny’s phone' },
    video: false,
  });
  const consumerId = 'consumer-1' as never;
  world.gateway.notify({
    type: 'consume',
    callId: call.callId as never,
    consumerId,
    producerId: 'producer-1' as never,
    kind: 'audio',
    source: 'microphone',
    rtpParameters: {},
    muted: false,
  });
  world.gateway.notify({ type: 'consumerResumed', callId: call.callId as never, consumerId });
  await world.settle();
  for (const { options: made } of world.transports) made.onState('connected');
  return call;
}

/** Counts on, as a browser does; of what comes in, this part is lost. */
function count(world: World, lossOf: () => number = () => 0): void {
  const startMs = world.nowMs;
  let [received, lost, atMs] = [0, 0, startMs];
  world.stats = () => {
    const packets = (50 * (world.nowMs - atMs)) / 1000;
    atMs = world.nowMs;
    lost += packets * lossOf();
    received += packets * (1 - lossOf());
    const second = (world.nowMs - startMs) / 1000;
    return new Map<string, unknown>([
      ['S', { type: 'media-source', id: 'S', kind: 'audio', audioLevel: 0.1 + 0.1 * (second % 3) }],
      [
        'O',
        { type: 'outbound-rtp', id: 'O', kind: 'audio', packetsSent: 50 * second, bytesSent: 4e3 * second },
      ],
      [
        'I',
        {
          type: 'inbound-rtp',
          id: 'I',
          kind: 'audio',
          packetsReceived: Math.round(received),
          packetsLost: Math.round(lost),
          bytesReceived: 4e3 * second,
          jitter: 0.001,
          audioLevel: 0.2,
        },
      ],
      [
        'P',
        {
          type: 'candidate-pair',
          id: 'P',
          nominated: true,
          currentRoundTripTime: 0.02,
          localCandidateId: 'L',
        },
      ],
    ]);
  };
}

describe('a call in which nothing arrives though ICE is content', () => {
  /** The gateway says how much it has counted, as soon as it is asked. */
  const says = async (
    world: World,
    flow: { readonly send: number; readonly recv: number },
  ): Promise<void> => {
    world.gateway.reply('mediaFlow', { flow });
    await world.settle();
  };

  it('[RY64] asks the gateway twice, has the path mended, and tells of both as of any other break', async () => {
    const world = new World();
    const call = await talking(world);
    const told: string[] = [];
    call.on('reconnecting', ({ name }) => told.push(name));
    call.on('reconnected', () => told.push('reconnected'));
    let loss = 0;
    count(world, () => loss);
    await world.pass(5000);
    expect(world.gateway.all('mediaFlow')).toEqual([]);
    loss = 1;
    await world.pass(4000);
    await says(world, { send: 1000, recv: 1000 });
    await world.pass(2000);
    expect(world.gateway.all('restartIce')).toEqual([]);
    await says(world, { send: 2000, recv: 2000 });
    expect(world.gateway.all('restartIce')).toHaveLength(1);
    expect(call.status()).toBe('reconnecting');

    loss = 0;
    await world.pass(2000);
    expect(call.status()).toBe('open');
    expect(told).toEqual(['media-failed', 'reconnected']);
  });

  it('[RY64] notices that nothing arrives at the SFU by its reports, and takes no new way for a report', async () => {
    const world = new World();
    const call = await talking(world);
    count(world);
    const counted = world.stats;
    const wayUp = world.transports.find(({ options }) => options.direction === 'send');
    if (wayUp === undefined) throw new Error('nothing is sent');
    wayUp.getStats = async () => world.stats();
    let reportedAtMs = 0;
    world.stats = () => {
      const entry = { type: 'remote-inbound-rtp', id: 'R', kind: 'audio', timestamp: reportedAtMs };
      return reportedAtMs === 0 ? counted() : new Map([...counted(), ['R', entry]]);
    };
    for (let at = 0; at < 20; at += 1) {
      reportedAtMs = world.nowMs;
      await world.pass(1000);
    }
    expect(world.gateway.all('mediaFlow')).toEqual([]);
    await world.pass(14_000);
    await says(world, { send: 1000, recv: 1000 });
    await world.pass(2000);
    await says(world, { send: 1000, recv: 2000 });
    expect(world.gateway.all('restartIce')).toHaveLength(1);
    expect(call.status()).toBe('reconnecting');
    // Sound goes on coming meanwhile, which says nothing of this direction. New transports have no reports yet.
    reportedAtMs = 0;
    await world.pass(3000);
    expect(call.status()).toBe('reconnecting');
    reportedAtMs = world.nowMs;
    await world.pass(2000);
    expect(call.status()).toBe('open');
  });

  it('[RY65] does not even ask where nothing is to be expected: the other side muted, or on hold', async () => {
    const world = new World();
    const call = await talking(world);
    count(world, () => 1);
    const callId = call.callId as never;
    const consumerId = 'consumer-1' as never;
    world.gateway.notify({ type: 'consumerMuted', callId, consumerId, muted: true });
    await world.pass(9000);
    expect(world.gateway.all('mediaFlow')).toEqual([]);
    world.gateway.notify({ type: 'consumerMuted', callId, consumerId, muted: false });
    const standing = { held: { local: false, remote: true }, video: false };
    world.gateway.notify({ type: 'standing', callId, standing });
    await world.pass(9000);
    expect(world.gateway.all('mediaFlow')).toEqual([]);
    // As it was: it is asked then, so the test would see it.
    world.gateway.notify({
      type: 'standing',
      callId,
      standing: { ...standing, held: { local: false, remote: false } },
    });
    await world.pass(5000);
    expect(world.gateway.all('mediaFlow')).toHaveLength(1);
  });

  it('[RY65] leaves the path alone while the gateway sends nothing on, or does not know the question', async () => {
    const world = new World();
    const call = await talking(world);
    count(world, () => 1);
    for (let at = 0; at < 30; at += 1) {
      await world.pass(1000);
      const asked = world.gateway.all('mediaFlow');
      if (asked.length > 0 && at < 15) await says(world, { send: at, recv: 1000 });
    }
    expect(world.gateway.all('restartIce')).toEqual([]);
    expect(call.status()).toBe('open');
  });
});

describe('watching a call', () => {
  it('[QY15] takes a sample a second from being joined to the end, and none after it', async () => {
    const world = new World();
    const call = await talking(world);
    count(world);
    const samples: Sample[] = [];
    const volumes: [number, number][] = [];
    call.on('sample', (sample) => samples.push(sample));
    call.on('volume', (input, output) => volumes.push([input, output]));
    await world.pass(10_500);
    expect(samples.map(({ periodMs }) => periodMs)).toEqual(Array.from({ length: 9 }, () => 1000));
    expect(volumes.at(-1)).toEqual([expect.any(Number), 0.2]);
    expect(call.store.getSnapshot().quality).toMatchObject({ level: 'excellent', reasons: [] });
    await call.disconnect();
    await world.pass(5000);
    expect(samples).toHaveLength(9);
  });

  it('[QY15] warnings are told when they begin and when they are over, and stand in the snapshot meanwhile', async () => {
    const world = new World();
    const call = await talking(world);
    let loss = 0.2;
    count(world, () => loss);
    const told: string[] = [];
    call.on('warning', ({ name }) => told.push(`+${name}`));
    call.on('warning-cleared', ({ name }) => told.push(`-${name}`));
    await world.pass(10_000);
    expect(told.toSorted()).toEqual(['+high-packet-loss', '+high-packets-lost-fraction', '+low-mos']);
    expect(call.store.getSnapshot().quality).toMatchObject({ level: 'poor' });
    loss = 0;
    await world.pass(20_000);
    expect(told.filter((what) => what.startsWith('-'))).toHaveLength(3);
    expect(call.store.getSnapshot().quality).toMatchObject({ level: 'excellent', reasons: [] });
  });

  it('[QY15] `quality: false` measures nothing', async () => {
    const world = new World();
    const call = await talking(world, { quality: false });
    count(world);
    let samples = 0;
    call.on('sample', () => (samples += 1));
    await world.pass(10_000);
    expect(samples).toBe(0);
  });

  it('[QY15] samples() ends with the call, and with its signal; whoever reads slowly misses the oldest', async () => {
    const world = new World();
    const call = await talking(world);
    count(world);
    const slow = call.samples();
    const first = slow.next();
    await world.settle();
    await world.pass(100_000);
    expect((await first).value?.atMs).toBeLessThan(world.nowMs - 90_000);
    // Sixty wait at most.
    expect((await slow.next()).value?.atMs).toBeGreaterThan(world.nowMs - 61_000);

    const stop = new AbortController();
    const aborted = call.samples({ signal: stop.signal });
    const never = aborted.next();
    await world.settle();
    stop.abort();
    expect(await never).toEqual({ done: true, value: undefined });

    await call.disconnect();
    await world.settle();
    const rest: Sample[] = [];
    for await (const sample of slow) rest.push(sample);
    expect(rest.length).toBeLessThan(60);
  });

  it('[QY30] feedback is asked of the gateway, also when the call is over', async () => {
    const world = new World();
    const call = await talking(world);
    await call.disconnect();
    const posted = call.postFeedback(2, 'choppy-audio');
    await world.settle();
    expect(world.gateway.last('feedback')).toMatchObject({
      callId: call.callId,
      score: 2,
      issue: 'choppy-audio',
    });
    world.gateway.reply('feedback');
    await world.settle();
    await posted;
  });
});

describe('the flight recorder', () => {
  async function recorded(): Promise<{ readonly text: string; readonly call: Call }> {
    const world = new World();
    const call = await talking(world);
    count(world, () => 0.2);
    await world.pass(10_000);
    call.mute();
    const pressed = call.sendDigits('7*3#9');
    world.gateway.reply('digits');
    await world.settle();
    await pressed;
    await call.disconnect();
    await world.settle();
    return { text: await (await call.exportTrace()).text(), call };
  }

  it('[QY31] says what happened and holds nothing that lets anybody in', async () => {
    const { text } = await recorded();
    const file = JSON.parse(text) as Trace & { readonly format: string };
    expect(file.format).toBe('parley-trace');
    const frames = file.entries.flatMap((entry) =>
      'frame' in entry ? [`${entry.kind} ${entry.frame.type}`] : [],
    );
    expect(frames).toEqual(expect.arrayContaining(['sent connect', 'received joined', 'sent digits']));
    for (const secret of [
      '4711',
      '7*3#9',
      'hush',
      'turn.test',
      'Jenny’s phone',
      'fingerprint',
      'sha-256',
      'token',
    ]) {
      expect([secret, text.includes(secret)]).toEqual([secret, false]);
    }
  });

  it('[QY31] played again in our own machines it leads to the same states and the same warnings', async () => {
    const { text } = await recorded();
    const steps = replayTrace(text);
    expect(steps.filter(({ recorded }) => recorded !== null)).toEqual([]);
    expect(steps.at(-1)).toMatchObject({ phase: 'ended', status: 'closed', what: 'person: hangup' });
    expect(new Set(steps.flatMap(({ warnings }) => warnings.split(' ')))).toContain('high-packet-loss');
  });

  it('[QY33] is played again step by step, for whoever was sent it', async () => {
    const { text } = await recorded();
    const steps = replayTrace(text);
    const told = steps.map(({ what, phase }) => `${what} → ${phase}`);
    expect(told).toEqual(
      expect.arrayContaining([
        'sent: connect → calling',
        'gateway: joined → joined',
        'sent: digits → joined',
        'person: hangup → ended',
      ]),
    );
    expect(steps[0]?.atMs).toBe(0);
    expect(steps.findLast(({ mos }) => mos !== null)?.mos).toBeLessThan(3);
  });

  it('[QY33] says where the machines of today come to something else than those that recorded it', async () => {
    const { text } = await recorded();
    const other = JSON.parse(text) as { entries: { kind: string; phase?: string }[] };
    const joined = other.entries.find(({ phase }) => phase === 'joined');
    if (joined !== undefined) joined.phase = 'screening';
    const steps = replayTrace(JSON.stringify(other));
    expect(steps.filter(({ recorded }) => recorded !== null)).toMatchObject([
      { what: 'gateway: joined', phase: 'joined', recorded: 'screening' },
    ]);
  });

  it.each([
    ['no JSON', 'nothing', 'This is no JSON.'],
    ['of something else', '{"format":"har"}', 'This is no trace of a call.'],
    ['of another version', '{"format":"parley-trace","version":2}', /version 2; this SDK plays version 1/],
    ['half', '{"format":"parley-trace","version":1}', 'This trace is not whole.'],
    [
      'of an entry that is none',
      '{"format":"parley-trace","version":1,"initial":{},"entries":[{"kind":"call","atMs":0}]}',
      'Entry 0 of the trace cannot be played.',
    ],
  ])('[QY33] refuses a file that is %s', (_what, file, message) => {
    expect(() => replayTrace(file)).toThrow(message);
    expect(() => replayTrace(file)).toThrow(expect.objectContaining({ name: 'invalid-argument' }) as Error);
  });

  it('[QY31] is bounded: what is dropped goes into where it begins', () => {
    const recorder = new TraceRecorder(placeCall({ video: false }, 0), 3);
    let state = placeCall({ video: false }, 0);
    for (let turn = 0; turn < 10; turn += 1) {
      const input = { type: turn % 2 === 0 ? 'socketAway' : 'socketBack' } as const;
      state = stepCall(state, input, turn).state;
      recorder.callStepped(input, state, turn);
    }
    expect(recorder.trace).toMatchObject({ droppedEntries: 7, initial: { isAway: true } });
    expect(recorder.trace.entries).toHaveLength(3);
  });

  it('[QY31] of a frame nothing is kept but what is known to be harmless', () => {
    const produce = {
      type: 'produce',
      callId: 'c',
      rtpParameters: { secret: 1 },
      kind: 'audio',
      invented: 'x',
    };
    expect(tracedFrame(produce as never)).toEqual({ type: 'produce', callId: 'c', kind: 'audio' });
  });
});
