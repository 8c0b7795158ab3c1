// pnpm bench:setup [--calls 20] [--rtt 50]
//
// How long it takes from the click that answers a video call until both people see and hear one another: connected
// while it rings, as Parley does, against everything after the answer, as most pages on mediasoup do. Both in this run,
// call by call in turn, in the same browser, on two SFU workers of the same build, measured by the same code in the page.
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Page } from '@playwright/test';
import { launchChromium } from '../support/browsers.ts';
import { FakeMediaFolder } from '../support/fake-media.ts';
import { Gateway } from '../support/gateway.ts';
import { buildPage, PageFolder } from './page.ts';
import { SequentialServer } from './sequential-server.ts';
import { Network } from '../support/network.ts';
import { installStopwatch, type Marks } from './stopwatch.ts';

/** A person takes at least so long to answer. */
const RING_MS = 1_000;
const CALL_MS = 15_000;
/** Calls that are made first and not counted: both flows begin with warm caches. */
const WARM_UP_CALLS = 2;

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '20' }, rtt: { type: 'string', default: '0' } },
});
const calls = Number(values.calls);
const rttMs = Number(values.rtt);

interface Flow {
  readonly name: string;
  readonly caller: Page;
  readonly callee: Page;
  readonly times: CallTimes[];
}

/** From the click that answers, in ms. */
interface CallTimes {
  readonly callerSees: number;
  readonly callerHears: number;
  readonly calleeSees: number;
  readonly calleeHears: number;
  readonly both: number;
}

using media = new FakeMediaFolder();
using page = new PageFolder(await buildPage('parley-page.ts'));
await using gateway = await Gateway.start({
  PARLEY_MEDIA_ADDRESSES: '127.0.0.1',
  PARLEY_LOG: 'warn',
  PARLEY_SOFTPHONE: page.path,
});
await using sequential = await SequentialServer.start(await buildPage('sequential-page.ts'));
await using parleyPath = rttMs > 0 ? await Network.start(gateway.url, { delayMs: rttMs / 2 }) : undefined;
await using sequentialPath =
  rttMs > 0 ? await Network.start(sequential.url, { delayMs: rttMs / 2 }) : undefined;
await using browser = await launchChromium(media.of('jenny'));

const flows = [
  await openFlow('connected while it rings', parleyPath?.url ?? gateway.url),
  await openFlow('everything after the answer', sequentialPath?.url ?? sequential.url),
];
for (let call = -WARM_UP_CALLS; call < calls; call += 1) {
  for (const flow of flows) {
    const times = await measureCall(flow);
    if (call >= 0) flow.times.push(times);
  }
  if (process.stderr.isTTY) process.stderr.write(`\r${Math.max(0, call + 1)} of ${calls} calls each `);
}
report(flows);

async function openFlow(name: string, url: string): Promise<Flow> {
  const open = async (person: string): Promise<Page> => {
    const page = await (await browser.newContext()).newPage();
    await page.addInitScript(installStopwatch);
    await page.goto(`${url}/?as=${person}`);
    await page.locator('[data-state="registered"]').waitFor();
    return page;
  };
  const callee = await open('jenny');
  return { name, callee, caller: await open('alice'), times: [] };
}

/** One call from ringing to hanging up. */
async function measureCall({ caller, callee }: Flow): Promise<CallTimes> {
  const pages = [caller, callee];
  for (const page of pages) await page.evaluate(() => window.stopwatch.reset());
  await caller.getByTestId('call-video').click();
  await callee.getByTestId('incoming').waitFor();
  await callee.waitForTimeout(RING_MS + Math.random() * RING_MS);
  await callee.getByTestId('accept-video').click();
  for (const page of pages) {
    await page.waitForFunction(
      () => window.stopwatch.marks.seenAtMs !== undefined && window.stopwatch.marks.heardAtMs !== undefined,
      undefined,
      { timeout: CALL_MS },
    );
  }
  const [callerMarks, calleeMarks] = await Promise.all(
    pages.map((page) => page.evaluate(() => window.stopwatch.marks)),
  );
  await caller.getByTestId('hangup').click();
  await callee.getByTestId('incoming').waitFor({ state: 'hidden' });
  await callee.waitForTimeout(500);
  return timesFrom(callerMarks, calleeMarks);
}

function timesFrom(caller: Marks | undefined, callee: Marks | undefined): CallTimes {
  const answeredAtMs = callee?.acceptedAtMs ?? NaN;
  const since = (atMs: number | undefined): number => (atMs ?? NaN) - answeredAtMs;
  const times = {
    callerSees: since(caller?.seenAtMs),
    callerHears: since(caller?.heardAtMs),
    calleeSees: since(callee?.seenAtMs),
    calleeHears: since(callee?.heardAtMs),
  };
  const both = Math.max(...Object.values(times));
  if (!(both > 0) || Object.values(times).some((time) => time < 0)) {
    throw new Error(`something was seen or heard before the answer: ${JSON.stringify(times)}`);
  }
  return { ...times, both };
}

function report(flows: readonly Flow[]): void {
  const columns = ['both', 'callerSees', 'callerHears', 'calleeSees', 'calleeHears'] as const;
  const cell = (text: string): string => text.padStart(14);
  const network = rttMs > 0 ? `${rttMs} ms round trip to the servers` : 'loopback';
  console.log(`\nAnswer → both see and hear, ms, ${calls} video calls each in turn, ${network}. p50 / p95`);
  console.log(''.padEnd(28) + columns.map(cell).join(''));
  for (const { name, times } of flows) {
    const figures = columns.map((column) => {
      const sorted = times.map((time) => time[column]).toSorted((a, b) => a - b);
      return `${quantile(sorted, 0.5).toFixed(0)} / ${quantile(sorted, 0.95).toFixed(0)}`;
    });
    console.log(name.padEnd(28) + figures.map(cell).join(''));
  }
  const [ours = [], theirs = []] = flows.map(({ times }) =>
    times.map(({ both }) => both).toSorted((a, b) => a - b),
  );
  const ratio = (share: number): string => (quantile(ours, share) / quantile(theirs, share)).toFixed(2);
  const tail = (quantile(ours, 0.95) / quantile(ours, 0.5)).toFixed(2);
  const aim = rttMs > 0 ? '0.16 at 50 ms' : '0.35';
  console.log(
    `ratio p50 ${ratio(0.5)} (aim ${aim}), p95 ${ratio(0.95)}; our p95 is ${tail} × our p50, worst ${ours.at(-1)?.toFixed(0)} ms`,
  );
}

/** The value that this share of the sorted values does not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
