// pnpm bench:worker-death [times]
//
// The gateway's own part in what people hear when an SFU worker is killed: from the signal until everybody in it has been
// given new transports, for one call and for many. What follows is the browsers' (ICE, DTLS, a key frame), and
// `pnpm bench:recovery` measures the whole. Beside it what the SFU asks for on any path: a process that is ready opens a
// port and makes one pair of transports.
import { setTimeout as sleep } from 'node:timers/promises';
import { partyId } from '@parley/switchboard';
import { createWorker } from 'mediasoup';
import { createMediasoupPlane } from '../src/create.ts';

const TIMES = Number(process.argv[2] ?? 10);
const RESERVE_AFTER_MS = 300;
/** The next process is ready by then, on a machine that does other things. */
const PAUSE_MS = 1500;

console.log(`${TIMES} times each; ms from the signal to new transports for everybody`);
for (const calls of [1, 20, 100]) {
  const floors: number[] = [];
  const deaths: number[] = [];
  await using plane = await createMediasoupPlane({
    workers: 1,
    basePort: 0,
    listen: [{ ip: '127.0.0.1' }],
    restartsMax: TIMES + 1,
    reserveAfterMs: RESERVE_AFTER_MS,
  });
  let waitingFor = 0;
  let everybody = Promise.withResolvers<void>();
  for (let index = 0; index < calls * 2; index += 1) {
    await plane.open({
      party: partyId('bench', String(index)),
      room: String(index >> 1),
      tell: (notice) => {
        if (notice.type !== 'mediaReset') return;
        waitingFor -= 1;
        if (waitingFor === 0) everybody.resolve();
      },
      onFailed: (why) => everybody.reject(new Error(why)),
    });
  }
  for (let time = 0; time < TIMES; time += 1) {
    await sleep(PAUSE_MS);
    floors.push(await floorMs());
    const [worker] = await plane.workerUsage();
    if (worker === undefined) throw new Error('there is no worker to kill');
    waitingFor = calls * 2;
    everybody = Promise.withResolvers();
    const atMs = performance.now();
    process.kill(worker.pid, 'SIGKILL');
    await everybody.promise;
    deaths.push(performance.now() - atMs);
  }
  console.log(
    `${calls} ${calls === 1 ? 'call' : 'calls'}: median ${at(deaths, 0.5)}, worst ${at(deaths, 1)}; ` +
      `a port and one pair alone: median ${at(floors, 0.5)}`,
  );
}

async function floorMs(): Promise<number> {
  const worker = await createWorker({ logLevel: 'error' });
  const atMs = performance.now();
  const [webRtcServer, router] = await Promise.all([
    worker.createWebRtcServer({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1', port: 0 }] }),
    worker.createRouter({ mediaCodecs: [] }),
  ]);
  await Promise.all([1, 2].map(() => router.createWebRtcTransport({ webRtcServer })));
  const tookMs = performance.now() - atMs;
  worker.close();
  return tookMs;
}

function at(values: readonly number[], part: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
}
