// pnpm bench:outbox [callbacks]
//
// What it costs that callbacks are written down before they are sent: the durable outbox on a file, against the same
// requests sent by the same client with the same ceilings, in turns. Then a host that is dead beside one that is well.
// The receiver is a process of its own: it checks the order of every stream and counts what came twice. CPU is that of
// this process with its checkpoint thread; writing the events is part of it.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAddressGuard } from '../src/out/address-guard.ts';
import { openCallbackOutbox, OUTBOX_PACE, type CallbackEvent } from '../src/out/callback-outbox.ts';
import { WebhookClient, type WebhookResult } from '../src/out/webhook-client.ts';
import { newSid } from '../src/store/sid.ts';
import { openStore } from '../src/store/store.ts';
import type { Received, ReceiverQuestion, ReceiverReady } from './outbox-receiver.ts';

const CALLBACKS = Number(process.argv[2] ?? 4000);
const ORIGINS = 8;
/** Each of a pair of runs in turns, beginning with the other in every second round. */
const ROUNDS = 4;
const EVENTS = ['initiated', 'ringing', 'answered', 'completed'] as const;
/** Legs whose events of one kind are written in one turn of the event loop. */
const LEGS_PER_TURN = 32;
/** Beyond it the next legs wait, so that what is measured is the sending and not the growth of a backlog. */
const WAITING_MAX = 2000;
const account = {
  sid: newSid('AC'),
  authToken: '0123456789abcdef0123456789abcdef',
  webhookSecrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
};

interface Run {
  readonly perSecond: number;
  readonly cpuUs: number;
}

const child = fork(new URL('outbox-receiver.ts', import.meta.url), [String(ORIGINS)], {
  execArgv: ['--conditions=@parley/source'],
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
const [ready] = (await once(child, 'message')) as [ReceiverReady];
const origins = ready.ports.map((port) => `http://127.0.0.1:${port}`);
const client = new WebhookClient({ guard: createAddressGuard({ allow: ['127.0.0.1'] }) });
const folder = mkdtempSync(join(tmpdir(), 'parley-outbox-bench-'));
let stores = 0;

try {
  const isClean = [await compare(), await neighbours()].every(Boolean);
  process.exitCode = isClean ? 0 : 1;
} finally {
  await client.close();
  child.disconnect();
  rmSync(folder, { recursive: true });
}

/** The outbox and the bare client in turns. */
async function compare(): Promise<boolean> {
  // Once each beforehand, so that neither pays for what is compiled and connected once.
  await throughOutbox(legsOf(CALLBACKS, origins));
  await directly(legsOf(CALLBACKS, origins));
  await received();
  const outbox: Run[] = [];
  const direct: Run[] = [];
  console.log(
    `${CALLBACKS} callbacks a round, ${EVENTS.length} a leg, ${ORIGINS} origins, ` +
      `${OUTBOX_PACE.inFlightPerOriginMax} in flight to each`,
  );
  let wrong = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, runs, send] of inTurn(round, [
      ['outbox', outbox, throughOutbox],
      ['direct', direct, directly],
    ] as const)) {
      const legs = legsOf(CALLBACKS, origins);
      const run = await send(legs);
      const got = await received();
      const receiverPercent = (got.cpuUs / countOf(legs) / 1e6) * run.perSecond * 100;
      runs.push(run);
      const isWrong = got.outOfOrder + got.duplicates + Math.abs(got.callbacks - countOf(legs)) > 0;
      if (isWrong) wrong += 1;
      console.log(
        `  ${name}  ${line(run)}; received ${got.callbacks}, out of order ${got.outOfOrder}, ` +
          `twice ${got.duplicates}; receiver busy ${receiverPercent.toFixed(0)} %`,
      );
    }
  }
  console.log(`  median outbox  ${line(median(outbox))}`);
  console.log(`  median direct  ${line(median(direct))}`);
  console.log(`  outbox / direct: ${ratios(outbox, direct)}`);
  return wrong === 0;
}

/**
 * One host that is well: alone, beside one that is dead, and beside another that is well. As many callbacks are written
 * for the neighbour, in the same turns, and all CPU is charged to the callbacks of the one: what a dead neighbour takes
 * away includes that writing, and what a neighbour that is well takes includes the sending too.
 */
async function neighbours(): Promise<boolean> {
  const [well = '', alsoWell = ''] = origins;
  const dead = {
    'a port that refuses': `http://127.0.0.1:${ready.refusingPort}`,
    'a host that never answers': `http://127.0.0.1:${ready.silentPort}`,
  };
  const callbacks = Math.ceil(CALLBACKS / 2 / EVENTS.length) * EVENTS.length;
  let wrong = 0;
  for (const [what, origin] of Object.entries(dead)) {
    const alone: Run[] = [];
    const besideDead: Run[] = [];
    const besideWell: Run[] = [];
    console.log(`one host that is well, ${callbacks} callbacks a round, beside ${what}`);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, runs, neighbour] of inTurn(round, [
        ['alone      ', alone, []],
        ['beside dead', besideDead, legsOf(callbacks, [origin])],
        ['beside well', besideWell, legsOf(callbacks, [alsoWell])],
      ] as const)) {
        const run = await throughOutbox(legsOf(callbacks, [well]), neighbour);
        const got = await received();
        runs.push(run);
        if (got.outOfOrder + got.duplicates > 0) wrong += 1;
        console.log(
          `  ${name}  ${line(run)}; out of order ${got.outOfOrder}, twice ${got.duplicates}; ` +
            `for the neighbour ${run.attempts} attempts failed, ${run.waiting} wait`,
        );
      }
    }
    console.log(`  beside dead / alone: ${ratios(besideDead, alone)}`);
    console.log(`  beside dead / beside well: ${ratios(besideDead, besideWell)}`);
  }
  return wrong === 0;
}

/** Events of many legs, those of one leg in a row. */
function legsOf(callbacks: number, to: readonly string[]): readonly (readonly CallbackEvent[])[] {
  return Array.from({ length: Math.ceil(callbacks / EVENTS.length) }, (_, leg) => {
    const stream = newSid('CA');
    const url = `${to[leg % to.length] ?? ''}/status`;
    return EVENTS.map((event, sequence) => ({
      accountSid: account.sid,
      stream,
      sequence,
      url,
      method: 'POST' as const,
      params: [
        ['AccountSid', account.sid] as const,
        ['CallSid', stream] as const,
        ['From', 'client:alice'] as const,
        ['To', 'client:jenny'] as const,
        ['CallStatus', event] as const,
        ['CallEvent', event] as const,
        ['CallbackSource', 'call-progress-events'] as const,
        ['Timestamp', 'Sat, 21 Nov 2026 10:00:00 +0000'] as const,
        ['SequenceNumber', String(sequence)] as const,
      ],
    }));
  });
}

/** Written down in a file of their own, then sent. What is for a neighbour is written in the same turns. */
async function throughOutbox(
  legs: readonly (readonly CallbackEvent[])[],
  neighbour: readonly (readonly CallbackEvent[])[] = [],
): Promise<Run & { readonly attempts: number; readonly waiting: number }> {
  const wanted = countOf(legs);
  const ours = new Set(legs.map(([first]) => first?.url));
  const all = Promise.withResolvers<void>();
  let taken = 0;
  await using store = openStore(join(folder, `${(stores += 1)}.sqlite`));
  const outbox = openCallbackOutbox({
    store,
    accountOf: () => account,
    client: {
      async send(request) {
        const result = await client.send(request);
        if (ours.has(request.url) && isTaken(result) && (taken += 1) === wanted) all.resolve();
        return result;
      },
    },
  });
  try {
    const run = await measured(wanted, async () => {
      for (let at = 0; at < legs.length; at += LEGS_PER_TURN) {
        const now = [...legs.slice(at, at + LEGS_PER_TURN), ...neighbour.slice(at, at + LEGS_PER_TURN)];
        for (const sequence of EVENTS.keys()) {
          for (const leg of now) {
            const event = leg[sequence];
            if (event !== undefined) outbox.enqueue(event);
          }
          // Each in a turn and thus in a transaction of its own, as a leg's events are.
          await turn();
        }
        const written = Math.min(wanted, (at + LEGS_PER_TURN) * EVENTS.length);
        const waiting = (): number => written - taken;
        while (waiting() > WAITING_MAX) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await all.promise;
      await store.committed();
    });
    const { failedAttempts, pending } = outbox.counts;
    // What is on its way to a neighbour that is well would be counted with the next run.
    const isNeighbourWell = origins.some((origin) => neighbour[0]?.[0]?.url.startsWith(`${origin}/`));
    const left = (): number => (isNeighbourWell ? outbox.counts.pending : 0);
    while (left() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return { ...run, attempts: failedAttempts, waiting: pending };
  } finally {
    await outbox.close();
  }
}

/** The same, from memory: so many streams to an origin at the same time, each in its order. */
async function directly(legs: readonly (readonly CallbackEvent[])[]): Promise<Run> {
  const ofOrigin = Map.groupBy(legs, ([first]) => first?.url);
  return measured(countOf(legs), async () => {
    await Promise.all(
      Array.from(ofOrigin.values(), async (waiting) => {
        const one = async (): Promise<void> => {
          for (let leg = waiting.pop(); leg !== undefined; leg = waiting.pop()) {
            for (const { url, method, params } of leg) {
              const request = { url, method, params, account, idempotencyKey: randomUUID() };
              if (!isTaken(await client.send(request))) throw new Error('a callback was not taken');
            }
          }
        };
        await Promise.all(Array.from({ length: OUTBOX_PACE.inFlightPerOriginMax }, one));
      }),
    );
  });
}

async function measured(callbacks: number, work: () => Promise<void>): Promise<Run> {
  const cpu = process.cpuUsage();
  const startedAtMs = performance.now();
  await work();
  const seconds = (performance.now() - startedAtMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: callbacks / seconds, cpuUs: (user + system) / callbacks };
}

/** What the receiver has seen since it was last asked. */
async function received(): Promise<Received> {
  const question: ReceiverQuestion = 'received';
  child.send(question);
  const [answer] = (await once(child, 'message')) as [Received];
  return answer;
}

function median(runs: readonly Run[]): Run {
  return {
    perSecond: middle(runs.map((run) => run.perSecond)),
    cpuUs: middle(runs.map((run) => run.cpuUs)),
  };
}

/** Of runs that were made one after the other, because a machine is not equally fast all the time. */
function ratios(runs: readonly Run[], than: readonly Run[]): string {
  const of = (what: keyof Run): string => {
    const pairs = runs.map((run, index) => run[what] / (than[index]?.[what] ?? NaN));
    return `${middle(pairs).toFixed(2)} (${Math.min(...pairs).toFixed(2)} to ${Math.max(...pairs).toFixed(2)})`;
  };
  return `rate ${of('perSecond')}, CPU ${of('cpuUs')}`;
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[Math.floor(index)] ?? NaN;
  return (at((sorted.length - 1) / 2) + at(sorted.length / 2)) / 2;
}

function inTurn<T>(round: number, pair: readonly T[]): readonly T[] {
  return round % 2 === 0 ? pair : pair.toReversed();
}

function line({ perSecond, cpuUs }: Run): string {
  return `${perSecond.toFixed(0).padStart(6)} callbacks/s, ${cpuUs.toFixed(0).padStart(4)} µs CPU each`;
}

function countOf(legs: readonly (readonly CallbackEvent[])[]): number {
  return legs.reduce((sum, leg) => sum + leg.length, 0);
}

function isTaken(result: WebhookResult): boolean {
  return result.ok;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
