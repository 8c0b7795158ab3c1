// pnpm bench:calls [calls] [pairs]
//
// Complete calls through signaling: invite, ring, accept, hang up, with a document and four callbacks each, between phones
// that are the SDK itself. The gateway has a process (and, where `taskset` exists, a core) of its own. Times are those a
// phone sees; CPU is that of the gateway's process, its SFU worker apart. Beside it, in the same run: what mediasoup alone
// asks of Node for the same transports, producers and consumers, which is the floor of any gateway built on it.
import { createServer } from 'node:http';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Device } from '@parley/client';
import { createPhone } from '@parley/testkit';
import { MeasuredGateway, pin } from './measured-gateway.ts';

const CALLS = Number(process.argv[2] ?? 2000);
const PAIRS = Number(process.argv[3] ?? 16);
const WARM_UP = Math.max(50, Math.round(CALLS / 4));

/** The application: one document for every call, and a counter of what it is told. */
let callbacks = 0;
const application = createServer((request, answer) => {
  void text(request).then((body) => {
    if (request.url === '/status') {
      callbacks += 1;
      answer.writeHead(204).end();
      return;
    }
    const to = new URLSearchParams(body).get('To') ?? '';
    const events = 'initiated ringing answered completed';
    const client = `<Client statusCallback="/status" statusCallbackEvent="${events}">${to}</Client>`;
    answer.writeHead(200, { 'content-type': 'text/xml' }).end(`<Response><Dial>${client}</Dial></Response>`);
  });
});
application.listen(0, '127.0.0.1');
await once(application, 'listening');
const address = application.address();
if (address === null || typeof address === 'string') throw new Error('the application has no port');
const host = `127.0.0.1:${address.port}`;

await using gateway = await MeasuredGateway.start({
  PARLEY_ALLOW: host,
  PARLEY_VOICE_URL: `http://${host}/voice`,
});

for (const video of [false, true]) {
  const floorUs = await bareMediasoup(video);
  const phones = await Promise.all(Array.from({ length: PAIRS }, async (_, index) => pairOf(index, video)));
  await run(phones, WARM_UP, video);
  const before = await gateway.measure();
  const startedAtMs = performance.now();
  const times = await run(phones, CALLS, video);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const after = await gateway.measure();
  const cpuUs = (after.cpuUs - before.cpuUs) / CALLS;
  console.log(
    `${video ? 'video' : 'audio'}: ${CALLS} calls, ${PAIRS} at once, ${(CALLS / seconds).toFixed(0)} calls/s`,
  );
  console.log(`  connect → rings   ${percentiles(times.map((time) => time.rangMs))}`);
  console.log(`  accept → joined   ${percentiles(times.map((time) => time.joinedMs))}`);
  console.log(
    `  CPU of the gateway per call: ${cpuUs.toFixed(0)} µs; mediasoup alone: ${floorUs.toFixed(0)} µs; ` +
      `ratio ${(cpuUs / floorUs).toFixed(1)}`,
  );
  console.log(
    `  memory: ${megabytes(before.heapBytes)} → ${megabytes(after.heapBytes)} of heap, ` +
      `${megabytes(before.rssBytes)} → ${megabytes(after.rssBytes)} resident`,
  );
  await Promise.all(phones.flat().map((phone) => phone.destroy()));
}
console.log(`callbacks taken by the application: ${callbacks}`);
application.close();
application.closeAllConnections();

interface CallTimes {
  readonly rangMs: number;
  readonly joinedMs: number;
}

async function pairOf(index: number, video: boolean): Promise<readonly [Device, Device]> {
  const kind = video ? 'video' : 'audio';
  const [caller, callee] = await Promise.all(
    ['caller', 'callee'].map(async (role) => {
      const token = await gateway.token(`${role}-${kind}-${index}`);
      const phone = createPhone({ url: gateway.socketUrl, token, logLevel: 'silent' });
      await phone.register();
      return phone;
    }),
  );
  if (caller === undefined || callee === undefined) throw new Error('a phone is missing');
  return [caller, callee];
}

async function run(
  phones: readonly (readonly [Device, Device])[],
  calls: number,
  video: boolean,
): Promise<CallTimes[]> {
  let left = calls;
  const times: CallTimes[] = [];
  await Promise.all(
    phones.map(async ([caller, callee]) => {
      while (left > 0) {
        left -= 1;
        times.push(await oneCall(caller, callee, video));
      }
    }),
  );
  return times;
}

async function oneCall(caller: Device, callee: Device, video: boolean): Promise<CallTimes> {
  let acceptedAtMs = 0;
  const placedAtMs = performance.now();
  const rings = callee.once('incoming').then(async ([incoming]) => {
    const rangMs = performance.now() - placedAtMs;
    acceptedAtMs = performance.now();
    // The caller hangs up as soon as she is joined, which may be before this has settled.
    await incoming.accept({ video }).catch(() => {});
    return rangMs;
  });
  const call = await caller.connect({ to: callee.identity ?? '', video });
  await call.once('accept');
  const joinedMs = performance.now() - acceptedAtMs;
  await call.disconnect();
  return { rangMs: await rings, joinedMs };
}

/** CPU of a process that does nothing but ask mediasoup for what a call needs, in µs per call. */
async function bareMediasoup(video: boolean): Promise<number> {
  const bare = new URL('../../../packages/media-mediasoup/bench/bare-call.ts', import.meta.url);
  const child = fork(bare, [video ? 'video' : 'audio', String(Math.min(CALLS, 3000))], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  pin(child.pid, 0);
  const [said] = (await once(child, 'message')) as [{ readonly cpuUs: number }];
  return said.cpuUs;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function percentiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`;
}
