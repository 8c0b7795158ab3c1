// What mediasoup alone costs a Node process per call: four transports, what goes over them, and their end. The floor of
// `pnpm bench:calls`, which starts it: bare-call.ts <audio|video> <calls>. Answers `{ cpuUs }` to its parent.
import { createWorker, type types } from 'mediasoup';

const CALLS_AT_ONCE = 16;
const WARM_UP_CALLS = 1000;
const withVideo = process.argv[2] === 'video';
const calls = Number(process.argv[3] ?? 2000);

const worker = await createWorker({ logLevel: 'error' });
const listen = { ip: '127.0.0.1', port: 0 } as const;
const webRtcServer = await worker.createWebRtcServer({
  listenInfos: [
    { protocol: 'udp', ...listen },
    { protocol: 'tcp', ...listen },
  ],
});
const router = await worker.createRouter({
  mediaCodecs: [
    { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
    { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  ],
});
const value = Array.from({ length: 32 }, () => 'AB').join(':');
let lastSsrc = 1000;

// Long enough that all of it is compiled: a gateway runs for months.
await run(Math.max(calls, WARM_UP_CALLS));
const before = process.cpuUsage();
await run(calls);
const { user, system } = process.cpuUsage(before);
process.send?.({ cpuUs: (user + system) / calls });
worker.close();
process.disconnect();

async function run(wanted: number): Promise<void> {
  let left = wanted;
  await Promise.all(
    Array.from({ length: CALLS_AT_ONCE }, async () => {
      while (left > 0) {
        left -= 1;
        await oneCall();
      }
    }),
  );
}

async function oneCall(): Promise<void> {
  const [aSend, aRecv, bSend, bRecv] = await Promise.all([
    transport(),
    transport(),
    transport(),
    transport(),
  ]);
  await Promise.all([pass(aSend, bRecv), pass(bSend, aRecv)]);
  for (const each of [aSend, aRecv, bSend, bRecv]) each.close();
}

async function transport(): Promise<types.WebRtcTransport> {
  const made = await router.createWebRtcTransport({ webRtcServer });
  await made.connect({
    dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value }] },
  });
  return made;
}

async function pass(from: types.WebRtcTransport, to: types.WebRtcTransport): Promise<void> {
  await Promise.all(
    (withVideo ? (['audio', 'video'] as const) : (['audio'] as const)).map(async (kind) => {
      const { id: producerId } = await from.produce({ kind, rtpParameters: parameters(kind) });
      const { rtpCapabilities } = router;
      const consumer = await to.consume({ producerId, rtpCapabilities, paused: true });
      await consumer.resume();
    }),
  );
}

function parameters(kind: 'audio' | 'video'): types.RtpParameters {
  lastSsrc += 1;
  const codec =
    kind === 'audio'
      ? { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }
      : { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 };
  return { codecs: [codec], encodings: [{ ssrc: lastSsrc }], rtcp: { cname: 'bare' } };
}
