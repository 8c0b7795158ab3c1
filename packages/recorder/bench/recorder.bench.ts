// What recordings cost, and what is lost of them:
//
//   pnpm bench:recorder [recordings …]
//
// Packets come from a process of their own and pass a real SFU worker; CPU is that of this process with its threads,
// in per cent of one core. "Taken by the main thread" is what a DirectTransport would cost for the same packets without
// recording anything: it is what the gateway's own thread is spared, and the measure the others are held against. Lost is
// what never came, by the sequence numbers of the senders, as operators see it in `parley_recording_packets_lost_total`.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { partyId, type PartyId, type RecordingEnd, type RecordingOptions } from '@parley/switchboard';
import { createRecorder, type MediaTap, type MediaTapOptions, type TappedMedia } from '@parley/recorder';
import { createWorker, type types } from 'mediasoup';

const MEASURED_MS = 10_000;
/** How often a thread that records tells what has come. */
const COUNTED_EVERY_MS = 1000;
const LEVEL = { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 6 } as const;

/** What is measured: how many voices each recording has, in how many channels, and whether there are pictures. */
interface Kind {
  readonly name: string;
  readonly voices: 1 | 2;
  readonly channels: 1 | 2;
  readonly hasPicture: boolean;
  /** Of those that are asked for, so many. */
  readonly share: number;
}

const KINDS: readonly Kind[] = [
  { name: 'one voice, copied', voices: 1, channels: 1, hasPicture: false, share: 1 },
  { name: 'two voices, dual-channel, copied', voices: 2, channels: 2, hasPicture: false, share: 1 },
  { name: 'two voices, mixed into one', voices: 2, channels: 1, hasPicture: false, share: 0.3 },
  { name: 'one voice and a picture, WebM', voices: 1, channels: 1, hasPicture: true, share: 0.3 },
];

/** Streams that come into one router, and can be tapped. */
class Stage implements TappedMedia {
  readonly #router: types.Router;
  readonly #producers = new Map<PartyId, readonly types.Producer[]>();

  constructor(router: types.Router) {
    this.#router = router;
  }

  async enter(
    party: PartyId,
    into: types.PlainTransport,
    ssrcs: { audio: number; video?: number },
  ): Promise<void> {
    const audio = await into.produce({
      kind: 'audio',
      rtpParameters: {
        codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }],
        headerExtensions: [LEVEL],
        encodings: [{ ssrc: ssrcs.audio }],
      },
    });
    const producers = [audio];
    if (ssrcs.video !== undefined) {
      producers.push(
        await into.produce({
          kind: 'video',
          rtpParameters: {
            codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 }],
            encodings: [{ ssrc: ssrcs.video }],
          },
        }),
      );
    }
    this.#producers.set(party, producers);
  }

  /** As if the gateway's own thread took every packet. */
  async direct(onRtp: () => void): Promise<types.DirectTransport> {
    const transport = await this.#router.createDirectTransport();
    for (const producers of this.#producers.values()) {
      for (const { id: producerId } of producers) {
        const consumer = await transport.consume({
          producerId,
          rtpCapabilities: this.#router.rtpCapabilities,
        });
        consumer.on('rtp', onRtp);
      }
    }
    return transport;
  }

  tap(party: PartyId, options: MediaTapOptions): MediaTap | undefined {
    const producers = this.#producers.get(party);
    if (producers === undefined) return undefined;
    const made = this.#tap(producers, options);
    return {
      ready: made.then(() => {}),
      requestKeyFrame: () => {},
      close: () => void made.then((transport) => transport.close()),
    };
  }

  async #tap(producers: readonly types.Producer[], options: MediaTapOptions): Promise<types.PlainTransport> {
    const transport = await this.#router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
      rtcpMux: true,
      comedia: false,
    });
    await transport.connect({ ip: '127.0.0.1', port: options.port });
    for (const { id: producerId, kind } of producers) {
      if (kind === 'video' && !options.video) continue;
      const consumer = await transport.consume({
        producerId,
        rtpCapabilities: this.#router.rtpCapabilities,
        paused: true,
      });
      options.onStream({
        id: consumer.id,
        mimeType: consumer.rtpParameters.codecs[0]?.mimeType ?? '',
        origin: kind === 'video' ? 'camera' : 'microphone',
        fromPort: transport.tuple.localPort,
        ssrc: consumer.rtpParameters.encodings?.[0]?.ssrc ?? 0,
        audioLevelId: consumer.rtpParameters.headerExtensions?.find(({ uri }) => uri === LEVEL.uri)?.id,
      });
      await consumer.resume();
    }
    return transport;
  }
}

interface Measured {
  readonly recordings: number;
  readonly cpuPercent: number;
  readonly mainLateMs: number;
  readonly kilobytesEach: number;
  readonly packets: number;
  readonly packetsLost: number;
}

const directory = await mkdtemp(join(tmpdir(), 'parley-bench-recorder-'));
const worker = await createWorker({ logLevel: 'error' });
const wanted = process.argv.slice(2).map(Number).filter(Number.isFinite);
try {
  console.log(
    `${availableParallelism()} cores, one thread that records, ${MEASURED_MS / 1000} s each; load ${loadavg()[0]?.toFixed(1)}`,
  );
  for (const recordings of wanted.length > 0 ? wanted : [100]) {
    for (const kind of KINDS) await measureKind(kind, Math.max(1, Math.round(recordings * kind.share)));
  }
} finally {
  worker.close();
  await rm(directory, { recursive: true });
}

async function measureKind(kind: Kind, recordings: number): Promise<void> {
  const router = await worker.createRouter({
    mediaCodecs: [
      { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
      { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
    ],
  });
  const into = await router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: '127.0.0.1', recvBufferSize: 4 * 1024 * 1024 },
    comedia: true,
    rtcpMux: true,
  });
  const stage = new Stage(router);
  const voices = recordings * kind.voices;
  for (let index = 0; index < voices; index += 1) {
    await stage.enter(partyOf(index), into, {
      audio: 10_000 + index,
      ...(kind.hasPicture ? { video: 20_000 + index } : {}),
    });
  }
  const generator = fork(new URL('packet-generator.ts', import.meta.url), {
    execArgv: [...process.execArgv, '--conditions=@parley/source'],
  });
  generator.send({ port: into.tuple.localPort, voices, hasPicture: kind.hasPicture });
  await once(generator, 'message');
  const direct = await measureDirect(stage);
  const { cpuPercent, mainLateMs, kilobytesEach, packets, packetsLost } = await measureRecordings(
    kind,
    recordings,
    stage,
  );
  await stop(generator);
  router.close();
  const each = cpuPercent / recordings;
  console.log(`${recordings} × ${kind.name}:`);
  console.log(
    `  recorded              ${cpuPercent.toFixed(1)} % of a core, ${each.toFixed(2)} % each, so ${Math.floor(100 / each)} a core; ` +
      `${kilobytesEach.toFixed(0)} kB of memory each`,
  );
  const share = (packetsLost / Math.max(1, packets + packetsLost)) * 100;
  console.log(`  packets               ${packets} came, ${packetsLost} were lost (${share.toFixed(3)} %)`);
  console.log(
    `  taken by main thread  ${direct.cpuPercent.toFixed(1)} % of a core without recording: recording costs ${(cpuPercent / direct.cpuPercent).toFixed(1)} × of it; ` +
      `main thread late p99 ${mainLateMs.toFixed(1)} ms recording, ${direct.lateMs.toFixed(1)} ms taking`,
  );
}

async function measureDirect(
  stage: Stage,
): Promise<{ readonly cpuPercent: number; readonly lateMs: number }> {
  let packets = 0;
  const transport = await stage.direct(() => (packets += 1));
  await sleep(500);
  const used = await measure(() => sleep(MEASURED_MS / 2));
  transport.close();
  if (packets === 0) throw new Error('no packet came');
  return used;
}

async function measureRecordings(kind: Kind, recordings: number, stage: Stage): Promise<Measured> {
  const recorder = await createRecorder({ directory, media: stage, threads: 1, recordingsMax: recordings });
  await recorder.warm();
  const before = process.memoryUsage().rss;
  const ends: Promise<RecordingEnd>[] = [];
  for (let index = 0; index < recordings; index += 1) {
    const { promise, resolve } = Promise.withResolvers<RecordingEnd>();
    ends.push(promise);
    await recorder.start(orderOf(kind, index, resolve));
  }
  await sleep(1000);
  const { cpuPercent, lateMs } = await measure(() => sleep(MEASURED_MS));
  const kilobytesEach = (process.memoryUsage().rss - before) / 1024 / recordings;
  for (let index = 0; index < recordings; index += 1) recorder.stop(sidOf(index));
  for (const { file, why } of await Promise.all(ends)) {
    if (file === null || why !== 'stopped') throw new Error(`a recording ended ${why}`);
    await rm(file);
  }
  // What came last is told with the next sizes.
  await sleep(COUNTED_EVERY_MS * 1.5);
  const { packets, packetsLost } = recorder.recordingCounts;
  await recorder[Symbol.asyncDispose]();
  return { recordings, cpuPercent, mainLateMs: lateMs, kilobytesEach, packets, packetsLost };
}

/** CPU of this process, and how late its main thread was. */
async function measure(
  during: () => Promise<void>,
): Promise<{ readonly cpuPercent: number; readonly lateMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const [cpuBefore, atMs] = [process.cpuUsage(), performance.now()];
  await during();
  const cpu = process.cpuUsage(cpuBefore);
  const wallMs = performance.now() - atMs;
  delay.disable();
  return { cpuPercent: ((cpu.user + cpu.system) / 1000 / wallMs) * 100, lateMs: delay.percentile(99) / 1e6 };
}

function orderOf(kind: Kind, index: number, onEnded: (end: RecordingEnd) => void): RecordingOptions {
  const parties = Array.from({ length: kind.voices }, (_, voice) => ({
    party: partyOf(index * kind.voices + voice),
    channel: voice === 0 ? (0 as const) : (1 as const),
  }));
  return {
    recordingSid: sidOf(index),
    parties,
    channels: kind.channels,
    media: kind.hasPicture ? 'audio_video' : 'audio',
    trim: false,
    maxLengthMs: 600_000,
    withAnnouncements: false,
    onEnded,
  };
}

function partyOf(index: number): PartyId {
  return partyId('bench', String(index));
}

function sidOf(index: number): string {
  return `RE${index}`;
}

async function stop(generator: ChildProcess): Promise<void> {
  const over = once(generator, 'exit');
  generator.kill();
  await over;
}
