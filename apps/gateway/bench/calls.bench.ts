// pnpm bench:calls [calls] [pairs]
//
// Complete calls through signaling: invite, ring, accept, hang up, with a document and four callbacks each, between phones
// that are the SDK itself. The gateway and its SFU worker share one core, phones and application the other (where `taskset`
// exists). Times are those a phone sees. CPU is that of the gateway's process, its SFU worker apart: of all its threads,
// and of the one that decides calls. It is counted until the last callback has been taken and nothing of a call is left,
// and without the collections that the figures of memory need.
//
// Beside it, in the same run: what mediasoup alone asks of Node for the same transports, producers and consumers, and what
// undici alone asks for as many requests: together the floor of any gateway built on them. All are warmed up by as many calls as are measured, of both kinds, and measured in
// turns, because a machine is not equally fast from one minute to the next: a ratio is between neighbours.
import { createServer } from 'node:http';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Device } from '@parley/client';
import { createPhone } from '@parley/testkit';
import { MeasuredGateway, pin } from './measured-gateway.ts';

const CALLS = Number(process.argv[2] ?? 2000);
const PAIRS = Number(process.argv[3] ?? 16);
const ROUNDS = 4;
const CALLS_PER_ROUND = Math.ceil(CALLS / ROUNDS);
const SETTLED_DEADLINE_MS = 60_000;

/** The application: one document for every call, and a counter of what it is told. */
let callbacks = 0;
const application = createServer((request, answer) => {
  void text(request).then((body) => {
    if (request.url === '/status') {
      callbacks += 1;
      answer.writeHead(204).end();
      return;
    }
    if (request.url === '/bare') {
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

const kinds = await Promise.all(
  [false, true].map(async (video) => ({
    video,
    phones: await Promise.all(Array.from({ length: PAIRS }, async (_, index) => pairOf(index, video))),
    rounds: [] as Round[],
  })),
);
for (const { phones, video } of kinds) await run(phones, CALLS, video);
await settled();
const before = await gateway.measure();
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { phones, video, rounds } of kinds) {
    const mediasoupUs = await bareMediasoup(video);
    const requestsUs = await bareRequests();
    rounds.push({ mediasoupUs, requestsUs, ...(await measured(phones, video)) });
  }
}
const after = await gateway.measure();
for (const { video, rounds } of kinds) report(video ? 'video' : 'audio', rounds);
console.log(
  `memory, ${2 * CALLS} calls apart: ${megabytes(before.heapBytes)} → ${megabytes(after.heapBytes)} of heap, ` +
    `${megabytes(before.rssBytes)} → ${megabytes(after.rssBytes)} resident`,
);
await Promise.all(kinds.flatMap(({ phones }) => phones.flat().map((phone) => phone.destroy())));
console.log(`callbacks taken by the application: ${callbacks}`);
application.close();
application.closeAllConnections();

interface Round {
  readonly mediasoupUs: number;
  readonly requestsUs: number;
  readonly processUs: number;
  readonly mainThreadUs: number;
  readonly callsPerSecond: number;
  readonly times: readonly CallTimes[];
}

type Pair = readonly [Device, Device];

/** A share of the calls, with everything they leave behind. */
async function measured(
  phones: readonly Pair[],
  video: boolean,
): Promise<Omit<Round, 'mediasoupUs' | 'requestsUs'>> {
  const cpuBefore = await gateway.cpu();
  const startedAtMs = performance.now();
  const times = await run(phones, CALLS_PER_ROUND, video);
  const seconds = (performance.now() - startedAtMs) / 1000;
  await settled();
  const cpuAfter = await gateway.cpu();
  return {
    processUs: (cpuAfter.processUs - cpuBefore.processUs) / CALLS_PER_ROUND,
    mainThreadUs: (cpuAfter.mainThreadUs - cpuBefore.mainThreadUs) / CALLS_PER_ROUND,
    callsPerSecond: CALLS_PER_ROUND / seconds,
    times,
  };
}

/** Resolves when every call is over for the gateway too, and every callback has been taken. */
async function settled(): Promise<void> {
  const deadlineMs = performance.now() + SETTLED_DEADLINE_MS;
  for (;;) {
    const { calls, media, outbox } = await gateway.counts();
    if (calls.calls === 0 && media.parties === 0 && outbox.pending === 0) return;
    if (performance.now() > deadlineMs) throw new Error('calls or callbacks were left behind');
    await sleep(50);
  }
}

function report(kind: string, rounds: readonly Round[]): void {
  const times = rounds.flatMap((round) => round.times);
  const perSecond = median(rounds.map(({ callsPerSecond }) => callsPerSecond));
  console.log(`${kind}: ${times.length} calls, ${PAIRS} at once, ${perSecond.toFixed(0)} calls/s`);
  console.log(`  connect → rings   ${percentiles(times.map((time) => time.rangMs))}`);
  console.log(`  accept → joined   ${percentiles(times.map((time) => time.joinedMs))}`);
  const [processUs, mainUs, mediasoupUs, requestsUs] = (
    ['processUs', 'mainThreadUs', 'mediasoupUs', 'requestsUs'] as const
  ).map((name) => median(rounds.map((round) => round[name])).toFixed(0));
  const toMediasoup = spread(rounds.map((round) => round.processUs / round.mediasoupUs));
  const toFloor = spread(rounds.map((round) => round.processUs / (round.mediasoupUs + round.requestsUs)));
  console.log(`  CPU of the gateway per call: ${processUs} µs (${mainUs} µs on the main thread)`);
  console.log(
    `  mediasoup alone: ${mediasoupUs} µs, ratio ${toMediasoup}; with undici alone for the requests: ` +
      `+ ${requestsUs} µs, ratio ${toFloor}`,
  );
}

/** The median and all of them: where they differ by more than a third, it is worth little. */
function spread(ratios: readonly number[]): string {
  return `${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(1)).join(', ')})`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] =
    sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1, middle + 1);
  return (low + high) / 2;
}

interface CallTimes {
  readonly rangMs: number;
  readonly joinedMs: number;
}

async function pairOf(index: number, video: boolean): Promise<Pair> {
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

async function run(phones: readonly Pair[], calls: number, video: boolean): Promise<CallTimes[]> {
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
function bareMediasoup(video: boolean): Promise<number> {
  const program = new URL('../../../packages/media-mediasoup/bench/bare-call.ts', import.meta.url);
  return bare(program, video ? 'video' : 'audio');
}

/** CPU of a process that does nothing but send what a call sends to its application, in µs per call. */
function bareRequests(): Promise<number> {
  return bare(new URL('bare-requests.ts', import.meta.url), `http://${host}/bare`);
}

async function bare(program: URL, what: string): Promise<number> {
  const child = fork(program, [what, String(CALLS_PER_ROUND)], {
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
