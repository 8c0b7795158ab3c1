import { availableParallelism } from 'node:os';
import { observer, type types } from 'mediasoup';
import type { CallId, DtlsParameters, MediaId, MediaOffer } from '@parley/protocol';
import { partyId, type PartyId, type PartyOptions } from '@parley/switchboard';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMediasoupPlane } from './create.ts';
import type { MediasoupPlaneOptions } from './options.ts';
import type { OwnedMediaPlane } from './owned-plane.ts';

/** Later than any test lasts: whoever counts workers has none in reserve. */
const LATER_MS = 600_000;
const LOOPBACK = { basePort: 0, listen: [{ ip: '127.0.0.1' }] };
const NOTHING = { rooms: 0, parties: 0, transports: 0, producers: 0, consumers: 0 };
const AUDIO = { video: false };
const CALL_ID = 'call-of-the-test' as CallId;
type Notice = Parameters<PartyOptions['tell']>[0];

describe('a media plane on mediasoup', () => {
  const planes: OwnedMediaPlane[] = [];
  /** Every SFU process started in a test, as mediasoup itself reports them. */
  let workers: types.Worker[];
  const started = (worker: types.Worker): number => workers.push(worker);

  beforeEach(() => {
    workers = [];
    observer.on('newworker', started);
  });
  afterEach(async () => {
    await Promise.all(planes.map((plane) => plane[Symbol.asyncDispose]()));
    planes.length = 0;
    observer.off('newworker', started);
    // Whatever happened in the test, no process is left behind.
    if (workers.some(({ closed }) => !closed)) throw new Error('an SFU worker was left running');
  });

  const create = async (options: MediasoupPlaneOptions = {}): Promise<OwnedMediaPlane> => {
    const plane = await createMediasoupPlane({
      workers: 1,
      reserveAfterMs: LATER_MS,
      ...LOOPBACK,
      ...options,
    });
    planes.push(plane);
    return plane;
  };
  const SOON = { timeout: 10_000 };
  const haveStarted = (count: number): Promise<void> =>
    vi.waitFor(() => expect(workers).toHaveLength(count), SOON);
  const kill = async (worker: types.Worker | undefined): Promise<void> => {
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(worker?.died).toBe(true), { interval: 1 });
  };

  it('[MP22] starts its workers, or says in a sentence which program would not start', async () => {
    expect((await create({ workers: 2 })).health).toEqual({
      workersWanted: 2,
      workersAlive: 2,
      workerRestarts: 0,
    });
    await expect(create({ workerBin: '/nowhere/mediasoup-worker' })).rejects.toThrow(
      /could not be started from \/nowhere\/mediasoup-worker.*MEDIASOUP_WORKER_BIN/,
    );
  });

  it('[MP22] leaves nothing running when one of its workers cannot listen', async () => {
    const first = await create({ basePort: 9911 });
    await expect(create({ workers: 2, basePort: 9910 })).rejects.toThrow(/could not listen on port 9911/);
    expect(workers).toHaveLength(3);
    expect(workers.filter(({ closed }) => !closed)).toHaveLength(1);
    expect(first.health.workersAlive).toBe(1);
  });

  it('[MP23] places each room on the worker with least to do, and all its parties with it', async () => {
    const plane = await create({ workers: 2 });
    const opened = await Promise.all(
      ['one', 'two', 'three', 'four'].flatMap((room) => [open(plane, room, 'a'), open(plane, room, 'b')]),
    );
    const ports = opened.map(({ offer }) => offer.send.iceCandidates[0]?.['port']);
    for (let index = 0; index < ports.length; index += 2) expect(ports[index]).toBe(ports[index + 1]);
    expect((await plane.workerUsage()).map(({ parties }) => parties)).toEqual([4, 4]);
  });

  it('[MP24] offers UDP before TCP on one port, at every address it listens on', async () => {
    const plane = await create({
      basePort: 9920,
      listen: [{ ip: '127.0.0.1', announcedAddress: '203.0.113.7' }],
    });
    const { offer } = await open(plane, 'room', 'a');
    const said = offer.recv.iceCandidates.map(({ address, protocol, port }) => [address, protocol, port]);
    expect(said).toEqual([
      ['203.0.113.7', 'udp', 9920],
      ['203.0.113.7', 'tcp', 9920],
    ]);
    const priorities = offer.recv.iceCandidates.map(({ priority }) => Number(priority));
    expect(priorities[0]).toBeGreaterThan(priorities[1] ?? 0);
  });

  it('[MP12] holds no more rooms and parties than it may, and nothing of those it refuses', async () => {
    const plane = await create({ roomsMax: 2, partiesMax: 3 });
    await open(plane, 'one', 'a');
    await open(plane, 'two', 'a');
    await expect(open(plane, 'three', 'a')).rejects.toThrow(/2 rooms/);
    await open(plane, 'two', 'b');
    await expect(open(plane, 'two', 'c')).rejects.toThrow(/3 parties/);
    expect(plane.counts).toEqual({ ...NOTHING, rooms: 2, parties: 3, transports: 6 });
  });

  it('[MP12] brings no more sources to one listener than the wire allows', async () => {
    const plane = await create();
    const listener = await open(plane, 'room', 'listener');
    for (let index = 0; index < 33; index += 1) {
      const speaker = await open(plane, 'room', `speaker-${index}`);
      plane.bridge(speaker.id, listener.id, AUDIO);
      for (let track = 0; track < 4; track += 1) await produce(plane, speaker, `${track}`);
    }
    await vi.waitFor(() => expect(listener.told).toHaveLength(128));
    expect(plane.counts).toMatchObject({ producers: 132, consumers: 128 });
  });

  it('[MP25] has nothing left of 200 parties that came and went, neither here nor in the worker', async () => {
    const plane = await create();
    for (let round = 0; round < 4; round += 1) {
      const calls = await Promise.all(
        Array.from({ length: 25 }, async (_, index) => {
          const [a, b] = await Promise.all([open(plane, `${index}`, 'a'), open(plane, `${index}`, 'b')]);
          plane.prepare(a.id, b.id, AUDIO);
          await Promise.all([produce(plane, a, 'mic'), produce(plane, b, 'mic')]);
          if (index % 2 === 0) plane.bridge(a.id, b.id, AUDIO);
          return [a, b];
        }),
      );
      expect(plane.counts).toMatchObject({ rooms: 25, parties: 50, transports: 100, producers: 50 });
      // Some of the consumers are still being made at this moment.
      for (const { id } of calls.flat()) plane.close(id);
      await vi.waitFor(() => expect(plane.counts).toEqual(NOTHING));
    }
    // What is left are empty routers that wait for the next calls, and no more of them than are worth keeping.
    await vi.waitFor(async () => expect((await workers[0]?.dump())?.routerIds).toHaveLength(16));
    expect((await workers[0]?.dump())?.channelMessageHandlers.channelRequestHandlers).toHaveLength(16 + 1);
    expect((await plane.workerUsage()).map(({ parties }) => parties)).toEqual([0]);
  });

  it('[MP10] [MP25] gives back the transports of a party that closes at any moment of its opening', async () => {
    const plane = await create();
    const stays = await open(plane, 'room', 'stays');
    for (let turns = 0; turns < 12; turns += 1) {
      const opening = open(plane, 'room', 'goes').catch(() => undefined);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      plane.close(partyId('room', 'goes'));
      await opening;
    }
    await plane.restartIce(stays.id);
    expect(plane.counts).toEqual({ ...NOTHING, rooms: 1, parties: 1, transports: 2 });
  });

  it('[MP20] moves a call that is just beginning to another worker when its own dies', async () => {
    const plane = await create();
    const opening = open(plane, 'room', 'a');
    process.kill(workers[0]?.pid ?? 0, 'SIGKILL');
    const { offer, told } = await opening;
    await vi.waitFor(() => expect(workers[0]?.died).toBe(true));
    await vi.waitFor(() => expect(plane.counts).toEqual({ ...NOTHING, rooms: 1, parties: 1, transports: 2 }));
    // Either it was answered from the new worker, or it was told of it.
    const latest = told.find((notice) => notice.type === 'mediaReset')?.offer ?? offer;
    await plane.handle(partyId('room', 'a'), {
      type: 'transportConnect',
      callId: CALL_ID,
      transportId: latest.recv.id,
      dtlsParameters: DTLS,
    });
  });

  it('[RY62] seats a process from the reserve in place of a worker that dies, and starts the next one later', async () => {
    const plane = await create({ reserveAfterMs: 1 });
    await haveStarted(2);
    const a = await open(plane, 'room', 'a');
    await kill(workers[0]);
    await vi.waitFor(() => expect(a.told.map(({ type }) => type)).toEqual(['mediaReset']), SOON);
    expect((await plane.workerUsage()).map(({ pid }) => pid)).toEqual([workers[1]?.pid]);
    expect(plane.health).toEqual({ workersWanted: 1, workersAlive: 1, workerRestarts: 1 });
    await haveStarted(3);
  });

  it('[RY62] does without a process in reserve that has died itself', async () => {
    const plane = await create({ reserveAfterMs: 1 });
    await haveStarted(2);
    const a = await open(plane, 'room', 'a');
    for (const { pid } of workers) process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(a.told.map(({ type }) => type)).toEqual(['mediaReset']), SOON);
    expect((await plane.workerUsage()).map(({ pid }) => pid)).not.toContain(workers[1]?.pid);
    // One in its place, and one in reserve.
    await haveStarted(4);
  });

  it('[MP20] gives up on parties, once, and refuses calls with a sentence, when workers die in a loop', async () => {
    const plane = await create({ restartsMax: 1 });
    const a = await open(plane, 'room', 'a');
    await kill(workers[0]);
    await vi.waitFor(() => expect(a.told.map(({ type }) => type)).toEqual(['mediaReset']));
    await kill(workers[1]);
    await vi.waitFor(() => expect(a.failures).toHaveLength(1));
    expect(a.failures[0]).toMatch(/died too often/);
    await expect(open(plane, 'room', 'b')).rejects.toThrow(/no SFU worker is alive/);
    expect(plane.counts).toEqual(NOTHING);
    expect(plane.health).toEqual({ workersWanted: 1, workersAlive: 0, workerRestarts: 1 });
  });

  it('[MP20] tries again after a while to start a worker that died in a loop', async () => {
    const plane = await create({ restartsMax: 1, restartWindowMs: 3_000 });
    await kill(workers[0]);
    await vi.waitFor(() => expect(plane.health.workersAlive).toBe(1));
    await kill(workers[1]);
    await expect(open(plane, 'room', 'a')).rejects.toThrow(/too often/);
    await vi.waitFor(() => expect(plane.health.workersAlive).toBe(1), SOON);
    await open(plane, 'room', 'a');
  });

  it('[MP20] does not hand a call from worker to worker that kills each of them', async () => {
    const plane = await create({ workers: 3, restartsMax: 1 });
    const a = await open(plane, 'room', 'a');
    for (let death = 0; death < 2; death += 1) {
      const usage = await plane.workerUsage();
      const home = usage.find(({ parties }) => parties === 1);
      await kill(workers.find(({ pid }) => pid === home?.pid));
      await vi.waitFor(() => expect(a.told.length + a.failures.length).toBe(death + 1));
    }
    expect(a.failures).toEqual(['the SFU workers of this call died too often in a row']);
    expect(plane.health.workersAlive).toBeGreaterThan(0);
  });

  it('[MP20] leaves no process behind, though it is closed while one is being started', async () => {
    const plane = await create();
    await kill(workers[0]);
    await vi.waitFor(() => expect(plane.health.workerRestarts).toBe(1));
    await plane[Symbol.asyncDispose]();
    // The first, and the one that was being started in its place.
    expect(workers.map(({ closed }) => closed)).toEqual([true, true]);
  });

  it('[MP21] gives up on bridged parties whose media does not come up in time, once, and frees them', async () => {
    const plane = await create({ graceMs: 30 });
    const [a, b] = [await open(plane, 'room', 'a'), await open(plane, 'room', 'b')];
    await produce(plane, a, 'mic');
    plane.bridge(a.id, b.id, AUDIO);
    await vi.waitFor(() => expect(a.failures).toEqual(['the send transport did not come up']));
    await vi.waitFor(() => expect(plane.counts.parties).toBeLessThan(2));
    plane.close(a.id);
    plane.close(b.id);
    expect(plane.counts).toEqual(NOTHING);
    expect(a.failures).toHaveLength(1);
  });

  it('[MP26] does not end media when the process is asked to terminate; that is for the gateway to decide', async () => {
    const before = [process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')];
    const plane = await create({ workers: 2 });
    expect([process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')]).toEqual(before);
    expect(plane.health.workersAlive).toBe(2);
  });

  it('[MP27] tells the others although one browser’s door throws', async () => {
    const lines: string[] = [];
    const plane = await create({ log: (_, message) => lines.push(message) });
    const a = await open(plane, 'room', 'a', () => {
      throw new Error('the door is broken');
    });
    const b = await open(plane, 'room', 'b');
    await Promise.all([produce(plane, a, 'mic'), produce(plane, b, 'mic')]);
    plane.bridge(a.id, b.id, AUDIO);
    await vi.waitFor(() => expect(b.told.map(({ type }) => type)).toEqual(['consume']));
    await vi.waitFor(() => expect(lines).toEqual(['a notice about media could not be told']));
  });

  it('[MP28] says what each worker used of its core', async () => {
    const plane = await create({ workers: availableParallelism() });
    const usage = await plane.workerUsage();
    expect(new Set(usage.map(({ pid }) => pid))).toEqual(new Set(workers.map(({ pid }) => pid)));
    for (const { cpu } of usage) {
      expect(cpu).toBeGreaterThanOrEqual(0);
      expect(cpu).toBeLessThanOrEqual(1);
    }
  });

  it('[MP10] opens nothing once it is disposed of, and holds nothing', async () => {
    const plane = await create();
    const a = await open(plane, 'room', 'a');
    await plane[Symbol.asyncDispose]();
    await plane[Symbol.asyncDispose]();
    expect(plane.counts).toEqual(NOTHING);
    expect(a.failures).toEqual([]);
    await expect(open(plane, 'room', 'b')).rejects.toThrow(/closed/);
  });
});

interface Opened {
  readonly id: PartyId;
  readonly offer: MediaOffer;
  readonly told: Notice[];
  readonly failures: string[];
}

const DTLS: DtlsParameters = {
  role: 'server',
  fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }],
};

async function open(
  plane: OwnedMediaPlane,
  room: string,
  name: string,
  tell?: (notice: Notice) => void,
): Promise<Opened> {
  const id = partyId(room, name);
  const told: Notice[] = [];
  const failures: string[] = [];
  const offer = await plane.open({
    party: id,
    room,
    tell: tell ?? ((notice) => told.push(notice)),
    onFailed: (why) => failures.push(why),
  });
  plane.setCapabilities(id, plane.rtpCapabilities);
  return { id, offer, told, failures };
}

let ssrc = 5000;
function produce(plane: OwnedMediaPlane, { id, offer }: Opened, producerId: string): Promise<void> {
  ssrc += 1;
  return plane.handle(id, {
    type: 'produce',
    callId: CALL_ID,
    transportId: offer.send.id,
    producerId: producerId as MediaId,
    kind: 'audio',
    source: 'microphone',
    rtpParameters: {
      mid: String(ssrc),
      codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
      encodings: [{ ssrc }],
    },
    muted: false,
  });
}
