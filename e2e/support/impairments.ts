import type { Page } from '@playwright/test';
import type { Gateway } from './gateway.ts';
import type { Network } from './network.ts';

/** Where something breaks: two people talk, and this network is between one of them and the gateway. */
export interface Scene {
  readonly network: Network;
  readonly gateway: Gateway;
  /** The page behind the network. */
  readonly page: Page;
  /** The other one's. */
  readonly farPage: Page;
}

export interface Impairment {
  readonly name: string;
  /** The rule it shows. */
  readonly rule: 'RY30' | 'RY31' | 'RY32' | 'RY33' | 'RY34' | 'RY35' | 'RY64';
  /** What of it a person hears: nothing at all, or a gap. */
  readonly hears: 'no gap' | 'a gap';
  /** Lets it happen, and answers from when on recovery is counted, in ms since the epoch. */
  readonly happen: (scene: Scene) => Promise<number>;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What the SDK says in the page about the call that is on. */
const connectionOf = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => window.parleyDevice?.connection.state);

const LOSS_MS = 4_000;
const DROPPED_MS = 2_000;
/** Longer than it may take until a socket is known to be dead. */
const NOTICED_MS = 20_000;
/** Longer than it may take until a path is mended on which nothing passes. */
const MENDED_MS = 60_000;
/** The level of a voice, and not of a line that is only open. */
const AUDIBLE = 0.006;

/** Everything the tests put in a call's way, and the benchmark measures. */
export const IMPAIRMENTS: readonly Impairment[] = [
  loss(0),
  loss(5),
  loss(20),
  blackout(3),
  blackout(10),
  blackout(25),
  {
    name: `the socket is away for ${DROPPED_MS / 1000} s`,
    rule: 'RY31',
    hears: 'no gap',
    happen: async ({ network, page }) => {
      const sinceMs = Date.now();
      network.holdSockets();
      network.dropSockets();
      await until('it is noticed', async () => (await connectionOf(page)) !== 'connected');
      await wait(DROPPED_MS);
      network.letSocketsThrough();
      await until('it is back', async () => (await connectionOf(page)) === 'connected');
      return sinceMs;
    },
  },
  {
    name: 'the socket is half-open',
    rule: 'RY32',
    hears: 'no gap',
    happen: async ({ network, page }) => {
      const sinceMs = Date.now();
      network.forgetSockets();
      await until('it is noticed', async () => (await connectionOf(page)) !== 'connected');
      await until('it is back', async () => (await connectionOf(page)) === 'connected');
      return sinceMs;
    },
  },
  {
    name: 'the media worker is killed',
    rule: 'RY33',
    hears: 'a gap',
    happen: async ({ gateway }) => {
      const restarts = await gateway.mediaWorkerRestarts();
      const sinceMs = Date.now();
      gateway.killMediaWorkers();
      await until('it is started again', async () => (await gateway.mediaWorkerRestarts()) > restarts);
      return sinceMs;
    },
  },
  dead('nothing but connectivity checks passes on its ports', (network) =>
    network.stopMediaOnPortsInUse('ports'),
  ),
  dead('nothing but connectivity checks passes on the port it sends from', (network) =>
    network.stopMediaOnPortsInUse('sendingPorts'),
  ),
  dead('its streams are stopped, and nothing else', (network) => network.stopStreamsInUse()),
  {
    name: 'the page is reloaded',
    rule: 'RY34',
    hears: 'a gap',
    happen: async ({ page }) => {
      const sinceMs = Date.now();
      await page.reload();
      await page.evaluate(() => window.probe.silences());
      await page.getByTestId('resume').click();
      return sinceMs;
    },
  },
];

function loss(percent: number): Impairment {
  return {
    name: `${percent} % of all packets are lost`,
    rule: 'RY30',
    hears: percent === 0 ? 'no gap' : 'a gap',
    happen: async ({ network }) => {
      network.lossPercent = percent;
      const sinceMs = Date.now();
      await wait(LOSS_MS);
      return sinceMs;
    },
  };
}

function blackout(seconds: number): Impairment {
  return {
    name: `nothing passes for ${seconds} s`,
    rule: 'RY35',
    hears: 'a gap',
    happen: async ({ network }) => {
      network.goDark();
      await wait(seconds * 1000);
      network.goLight();
      return Date.now();
    },
  };
}

/** ICE finds the path good, and nothing passes: until it has been mended by whoever noticed. */
function dead(name: string, stop: (network: Network) => Promise<void>): Impairment {
  return {
    name,
    rule: 'RY64',
    hears: 'a gap',
    happen: async ({ network, page, farPage }) => {
      const sinceMs = Date.now();
      await stop(network);
      const isHeardByBoth = async (): Promise<boolean> => (await hears(page)) && (await hears(farPage));
      await until('it is silent', async () => !(await isHeardByBoth()));
      await until('it is mended', isHeardByBoth, MENDED_MS);
      return sinceMs;
    },
  };
}

async function hears(page: Page): Promise<boolean> {
  return (await page.evaluate(() => window.probe.listen())).level > AUDIBLE;
}

/** Waits for something that is looked at, with a deadline. */
async function until(what: string, isSo: () => Promise<boolean>, withinMs = NOTICED_MS): Promise<void> {
  const byMs = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > byMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await wait(50);
  }
}

/**
 * A shorter silence is none that an impairment made: browsers that have to share two cores crackle, and whatever has to
 * be connected anew takes longer.
 */
export const GAP_MS = 250;

/** What somebody has not heard since then. */
export interface Hearing {
  /** From that moment until there was sound again for good; 0 if there was no silence. */
  readonly recoveredMs: number;
  readonly longestSilenceMs: number;
}

/** What the person at this page has missed since then. Throws where there is silence still. */
export async function hearingSince(page: Page, sinceMs: number): Promise<Hearing> {
  const silences = (await page.evaluate(() => window.probe.silences())).filter(
    ({ toMs }) => toMs === null || toMs > sinceMs,
  );
  if (silences.some(({ toMs }) => toMs === null)) throw new Error('nothing is heard');
  const ends = silences.map(({ toMs }) => (toMs ?? 0) - sinceMs);
  const lengths = silences.map(({ fromMs, toMs }) => (toMs ?? 0) - fromMs);
  return { recoveredMs: Math.max(0, ...ends), longestSilenceMs: Math.max(0, ...lengths) };
}
