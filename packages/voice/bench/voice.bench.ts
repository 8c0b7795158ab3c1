// What a prompt costs, and how many can be sent at once:
//
//   pnpm bench:voice [prompts …]
//
// CPU is of this process with its threads: the one that records and the one that sends. The engine and the SFU's worker
// are processes of their own and are counted apart. The machine's noise is in the figures: run it twice.
import { availableParallelism, loadavg } from 'node:os';
import { Worker } from 'node:worker_threads';
import { createMediasoupPlane, type Announcement } from '@parley/media-mediasoup';
import { partyId, type PartyId } from '@parley/switchboard';
import { createEspeak, createVoice, type Frame, type Voice } from '@parley/voice';

const SENTENCE = 'Welcome to the service, please hold the line while we connect you to one of our colleagues';
const COLD_TURNS = 20;
const KEPT_TURNS = 2000;
const PACED_MS = 8000;
/** The edge of what is called punctual here. */
const SLIP_MS = 10;

const engine = createEspeak();
const voice = createVoice({ speech: engine });
await framesOf(voice, 'The threads are started, and the code is warm.');

const spoken = await cpuOf(COLD_TURNS, async () => {
  const order = { text: SENTENCE, voice: 'man', language: 'en' };
  return engine.speak(order, await engine.plan(order));
});
const cold = await cpuOf(COLD_TURNS, (turn) => framesOf(voice, `${SENTENCE}, number ${turn}.`));
const frames = await framesOf(voice, `${SENTENCE}.`);
const kept = await cpuOf(KEPT_TURNS, () => framesOf(voice, `${SENTENCE}.`));
const seconds = (frames.length * 20) / 1000;
console.log(
  `one sentence of ${seconds.toFixed(1)} s, ${frames.reduce((sum, { length }) => sum + length, 0)} bytes:`,
);
console.log(`  cold  ${cold.cpuMs.toFixed(0)} ms of CPU and ${cold.ms.toFixed(0)} ms until it is whole`);
console.log(`        of these ${spoken.ms.toFixed(0)} ms for the engine's process`);
console.log(`  kept  ${(kept.cpuMs * 1000).toFixed(0)} µs of CPU`);
console.log('');

console.log(
  `prompts at once, one SFU worker, ${availableParallelism()} cores, for ${PACED_MS / 1000} s each:`,
);
console.log('A thread that does nothing but wait for every 20 ms says how late this machine is by itself.');
console.log('prompts  late p50      p99      max  idle thread p99  CPU gateway  CPU worker');
const wanted = process.argv.slice(2).map(Number).filter(Number.isFinite);
for (const prompts of wanted.length > 0 ? wanted : [50, 100, 200, 400, 800]) {
  const { p50, p99, max, idleP99, gateway, worker } = await pace(prompts, frames);
  const cells = [
    String(prompts).padStart(7),
    `${p50.toFixed(1)} ms`.padStart(8),
    `${p99.toFixed(1)} ms`.padStart(7),
    `${max.toFixed(0)} ms`.padStart(7),
    `${idleP99.toFixed(1)} ms`.padStart(15),
    `${(gateway * 100).toFixed(0)} %`.padStart(11),
    `${(worker * 100).toFixed(0)} %`.padStart(10),
  ];
  const isMachine = idleP99 > SLIP_MS;
  console.log(
    cells.join('  ') + (isMachine ? `  the machine is busy: load ${loadavg()[0]?.toFixed(0)}` : ''),
  );
  if (p99 > SLIP_MS && !isMachine) break;
}

await voice[Symbol.asyncDispose]();

async function framesOf(from: Voice, text: string): Promise<readonly Frame[]> {
  const all: Frame[] = [];
  for await (const tape of from.say({ text, voice: 'man', language: 'en' }, () => {})) {
    for await (const batch of tape.listen()) all.push(...batch);
  }
  return all;
}

async function cpuOf(
  turns: number,
  run: (turn: number) => Promise<unknown>,
): Promise<{ readonly cpuMs: number; readonly ms: number }> {
  const before = process.cpuUsage();
  const beganMs = performance.now();
  for (let turn = 0; turn < turns; turn++) await run(turn);
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1000 / turns, ms: (performance.now() - beganMs) / turns };
}

/** Plays to so many parties that have no browser: everything up to the SFU is as in a call. */
async function pace(prompts: number, said: readonly Frame[]) {
  const plane = await createMediasoupPlane({
    workers: 1,
    basePort: 0,
    listen: [{ ip: '127.0.0.1' }],
  });
  const parties: PartyId[] = [];
  for (let i = 0; i < prompts; i++) {
    const party = partyId('bench', String(i));
    await plane.open({ party, room: String(i), tell: () => {}, onFailed: () => {} });
    parties.push(party);
  }
  const over = new AbortController();
  const announcements = parties.map((party): Announcement => {
    const announcement = plane.announce(party, () => {});
    void (async () => {
      while (!over.signal.aborted) await announcement.push(said);
    })();
    return announcement;
  });
  // Nobody is ready to hear, so it begins after five seconds.
  await sleep(7000);
  const before = process.cpuUsage();
  await Promise.all([plane.workerUsage(), plane.pacing()]);
  const idleP99 = await idleLateness(PACED_MS);
  const { user, system } = process.cpuUsage(before);
  const [usage] = await plane.workerUsage();
  const report = await plane.pacing();
  over.abort();
  for (const announcement of announcements) announcement.stop();
  await plane[Symbol.asyncDispose]();
  const { p50, p99, max } = report?.lateMs ?? { p50: NaN, p99: NaN, max: NaN };
  return { p50, p99, max, idleP99, gateway: (user + system) / 1000 / PACED_MS, worker: usage?.cpu ?? NaN };
}

/** How late a timer is in a thread that has nothing to do, at the 99th percentile. */
function idleLateness(ms: number): Promise<number> {
  const code = `
    const { parentPort } = require('node:worker_threads');
    const beganMs = performance.now();
    const late = [];
    const tick = () => {
      const nowMs = performance.now();
      const beat = late.length + 1;
      late.push(Math.max(0, nowMs - (beganMs + beat * 20)));
      if (nowMs - beganMs > ${ms}) parentPort.postMessage(late.sort((a, b) => a - b)[Math.floor(late.length * 0.99)]);
      else setTimeout(tick, Math.max(0, beganMs + (beat + 1) * 20 - nowMs));
    };
    setTimeout(tick, 20);`;
  return new Promise((resolve) => {
    new Worker(code, { eval: true }).once('message', resolve);
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
