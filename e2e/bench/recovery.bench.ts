// pnpm bench:recovery [--times 5] [--browser chromium|firefox] [--only reloaded]
//
// How long two people who talk do not hear one another when something breaks: each of the impairments the tests show, N
// times, median and worst. Counted from the moment it breaks, or, where the network was away, from when it is back, until
// there is sound again at both ends for good. The figures are of this machine at this time; what is comparable is one
// impairment with another in the same run.
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Browser, Page } from '@playwright/test';
import { launchChromium, launchFirefox } from '../support/browsers.ts';
import { FakeMediaFolder } from '../support/fake-media.ts';
import { Gateway } from '../support/gateway.ts';
import { hearingSince, IMPAIRMENTS, type Impairment } from '../support/impairments.ts';
import { Network } from '../support/network.ts';
import { installProbe } from '../support/page-probe.ts';
import { WebhookServer } from '../support/webhook-server.ts';

/** Longer than any of them may take to be overcome. */
const HEARD_MS = 60_000;
/** So long there must be sound at both ends before it counts as back. */
const STEADY_MS = 500;
/** The level of a voice, and not of a line that is only open. */
const AUDIBLE = 0.006;

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '5' },
    browser: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const times = Number(values.times);
const browsers = (['chromium', 'firefox'] as const).filter(
  (name) => values.browser === undefined || values.browser === name,
);

interface Row {
  readonly name: string;
  readonly browser: string;
  readonly measuredMs: number[];
  failures: number;
}

using media = new FakeMediaFolder();
await using application = await WebhookServer.start();
application.on('/voice', '<Response><Dial><Client>alice</Client></Dial></Response>');
await using gateway = await Gateway.start({
  PARLEY_VOICE_URL: application.url('/voice'),
  PARLEY_ALLOW: '127.0.0.1',
  PARLEY_RETURN_SECONDS: '20',
  PARLEY_LOG: 'error',
});
await using alicesBrowser = await launchChromium(media.of('alice'));
const rows: Row[] = [];
for (const browser of browsers) {
  await using jennysBrowser = await (browser === 'firefox'
    ? launchFirefox()
    : launchChromium(media.of('jenny')));
  for (const impairment of IMPAIRMENTS) {
    if (!impairment.name.includes(values.only)) continue;
    const row: Row = { name: impairment.name, browser, measuredMs: [], failures: 0 };
    rows.push(row);
    for (let time = 0; time < times; time += 1) {
      try {
        row.measuredMs.push(await measure(impairment, jennysBrowser));
      } catch (error) {
        row.failures += 1;
        process.stderr.write(`${browser}, ${impairment.name}: ${String(error)}\n`);
      }
    }
    print(row);
  }
}
process.stdout.write('\n');
print({ name: 'impairment', browser: 'browser', measuredMs: [], failures: 0 });
for (const row of rows) print(row);

/** One call of two people, one of whom is behind a network that does this. The longer of the two waits. */
async function measure({ happen }: Impairment, jennysBrowser: Browser): Promise<number> {
  await using network = await Network.start(gateway.url);
  const [alice, jenny] = [
    await openPhone(alicesBrowser, gateway.url, 'alice'),
    await openPhone(jennysBrowser, network.url, 'jenny'),
  ];
  try {
    await jenny.getByTestId('dial').fill('alice');
    await jenny.getByTestId('call-audio').click();
    await alice.getByTestId('accept-audio').click();
    for (const page of [alice, jenny]) await hearsSteadily(page);
    const sinceMs = await happen({ network, gateway, page: jenny, farPage: alice });
    for (const page of [alice, jenny]) await hearsSteadily(page);
    const [near, far] = [await hearingSince(jenny, sinceMs), await hearingSince(alice, sinceMs)];
    return Math.max(near.recoveredMs, far.recoveredMs);
  } finally {
    for (const page of [alice, jenny]) {
      await page.evaluate(() => window.parleyDevice?.disconnectAll());
      await page.context().close();
    }
  }
}

async function openPhone(browser: Browser, url: string, name: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.addInitScript(installProbe);
  await page.goto(`${url}/?as=${name}`);
  await page.locator('[data-state="registered"]').waitFor();
  return page;
}

/** Waits until there has been sound for a while. */
async function hearsSteadily(page: Page): Promise<void> {
  const byMs = Date.now() + HEARD_MS;
  for (let heardSinceMs = Infinity; Date.now() - heardSinceMs < STEADY_MS || heardSinceMs === Infinity;) {
    if (Date.now() > byMs) throw new Error(`nothing was heard within ${HEARD_MS} ms`);
    await page.evaluate(() => window.probe.silences());
    const { level } = await page.evaluate(() => window.probe.listen());
    if (level < AUDIBLE) heardSinceMs = Infinity;
    else if (heardSinceMs === Infinity) heardSinceMs = Date.now();
  }
}

function print({ name, browser, measuredMs, failures }: Row): void {
  const sorted = measuredMs.toSorted((a, b) => a - b);
  const isHead = name === 'impairment';
  const median = isHead ? 'median' : inMs(sorted[Math.floor(sorted.length / 2)]);
  const worst = isHead ? 'worst' : inMs(sorted.at(-1));
  const count = isHead ? 'times' : `${sorted.length}${failures === 0 ? '' : `, ${failures} failed`}`;
  process.stdout.write(
    `${name.padEnd(34)} ${browser.padEnd(9)} ${median.padStart(9)} ${worst.padStart(9)}  ${count}\n`,
  );
}

function inMs(value: number | undefined): string {
  return value === undefined ? '–' : `${value} ms`;
}
