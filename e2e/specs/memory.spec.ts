import process from 'node:process';
import type { CDPSession, Page } from '@playwright/test';
import { launchChromium } from '../support/browsers.ts';
import { Gateway } from '../support/gateway.ts';
import { installProbe } from '../support/page-probe.ts';
import { demoToken, SdkPageFolder } from '../support/sdk-page.ts';
import { expect, test } from '../support/test.ts';

/** As much of a device and its calls as is used here. */
interface PlainCall {
  readonly ended: Promise<unknown>;
  accept(): Promise<void>;
  once(name: 'accept'): Promise<unknown>;
  disconnect(): Promise<unknown>;
}
interface PlainDevice {
  connect(options: { readonly to: string }): Promise<PlainCall>;
  on(name: 'incoming', listener: (call: PlainCall) => void): void;
}
/** The window of the softphone, or of the page that holds the SDK alone. */
interface Holder {
  readonly parleyDevice?: PlainDevice;
  readonly device?: PlainDevice;
}

const HALF = 50;
/** What a page makes for each call, and the most of it that one call is made of. */
const OF_ONE_CALL = {
  RTCPeerConnection: 2,
  MediaStreamTrack: 8,
  MediaStream: 8,
  AudioContext: 2,
  HTMLMediaElement: 6,
} as const;
type Kind = keyof typeof OF_ONE_CALL;
/** Less than one for each call. */
const LISTENERS_MORE_MAX = HALF - 1;
/** What the second half may leave in the heap: less than the smallest thing a call has many of. */
const HEAP_BYTES_MORE_MAX = HALF * 4_096;

test.describe('a hundred calls in one page', () => {
  test('[RY40] leave nothing behind, with the SDK alone', async ({ media }) => {
    test.setTimeout(180_000);
    using folder = await SdkPageFolder.build();
    await using gateway = await Gateway.start({
      PARLEY_SOFTPHONE: folder.path,
      PARLEY_PEER_CALLS: 'on',
      PARLEY_DEMO: 'on',
    });
    const open = async (name: 'alice' | 'jenny') => {
      const browser = await launchChromium(media.of(name));
      const page = await browser.newPage();
      await page.addInitScript(installProbe);
      await page.goto(gateway.url);
      await page.evaluate(
        async (token) => {
          if (window.sdk === undefined) throw new Error('this page does not hold the SDK');
          window.device = new window.sdk.Device(token, {});
          await window.device.register();
        },
        await demoToken(gateway.url, name),
      );
      return { page, [Symbol.asyncDispose]: () => browser.close() };
    };
    await using alice = await open('alice');
    await using jenny = await open('jenny');
    await expectNothingLeft(alice.page, jenny.page);
  });

  test('[RY40] leave nothing behind, in the softphone', async ({ phones }) => {
    test.setTimeout(180_000);
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    await expectNothingLeft(alice.page, jenny.page);
  });
});

/** After the first half everything that is loaded late, and made once, is there: the second must add nothing. */
async function expectNothingLeft(caller: Page, called: Page): Promise<void> {
  await called.evaluate(() => {
    const { parleyDevice, device } = window as unknown as Holder;
    (parleyDevice ?? device)?.on('incoming', (call) => void call.accept());
  });
  const looks = [await Look.at('the caller', caller), await Look.at('the called', called)] as const;
  await makeCalls(caller, HALF);
  const halves = [await looks[0].count(), await looks[1].count()] as const;
  await makeCalls(caller, HALF);
  for (const index of [0, 1] as const) await expectNoMore(looks[index], halves[index]);
}

async function expectNoMore(look: Look, half: Count): Promise<void> {
  let now = half;
  await expect(async () => {
    // Some of it is freed a moment later, by the browser itself.
    now = await look.count();
    expect(now.openConnections).toBe(0);
    for (const [kind, count] of Object.entries(OF_ONE_CALL))
      expect(now.live[kind as Kind], kind).toBeLessThanOrEqual(half.live[kind as Kind] + count);
    expect(now.listeners).toBeLessThanOrEqual(half.listeners + LISTENERS_MORE_MAX);
  }, `what is left at ${look.name}`).toPass({ timeout: 20_000 });
  const moreBytes = now.heapBytes - half.heapBytes;
  process.stdout.write(
    `      ${look.name}: ${now.live.RTCPeerConnection} closed peer connections kept, ${Math.round(moreBytes / HALF)} bytes more for each call\n`,
  );
  expect(moreBytes).toBeLessThan(HEAP_BYTES_MORE_MAX);
}

/** One after the other: placed, answered, joined, hung up. */
async function makeCalls(page: Page, count: number): Promise<void> {
  await page.evaluate(async (calls) => {
    const holder = window as unknown as Holder;
    const device = holder.parleyDevice ?? holder.device;
    if (device === undefined) throw new Error('there is no device');
    for (let made = 0; made < calls; made += 1) {
      const call = await device.connect({ to: 'jenny' });
      const isJoined = await Promise.race([
        call.once('accept').then(() => true),
        call.ended.then(() => false),
      ]);
      if (!isJoined) throw new Error(`call ${made + 1} ended before it was joined`);
      await call.disconnect();
    }
  }, count);
}

interface Count {
  /** How many of each kind are still in memory. */
  readonly live: Readonly<Record<Kind, number>>;
  readonly openConnections: number;
  readonly listeners: number;
  readonly heapBytes: number;
}

/** What the browser itself says it keeps for a page. */
class Look {
  readonly name: string;
  readonly #session: CDPSession;

  private constructor(name: string, session: CDPSession) {
    this.name = name;
    this.#session = session;
  }

  static async at(name: string, page: Page): Promise<Look> {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    return new Look(name, session);
  }

  /** After everything that nobody holds has been swept out. */
  async count(): Promise<Count> {
    for (let sweep = 0; sweep < 3; sweep += 1) await this.#session.send('HeapProfiler.collectGarbage');
    const { metrics } = await this.#session.send('Performance.getMetrics');
    const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN;
    const live: Partial<Record<Kind, number>> = {};
    for (const kind of Object.keys(OF_ONE_CALL) as Kind[]) live[kind] = await this.#ask(kind, 'this.length');
    const isOpen = "(connection) => connection.connectionState !== 'closed'";
    return {
      live: live as Count['live'],
      openConnections: await this.#ask('RTCPeerConnection', `this.filter(${isOpen}).length`),
      listeners: value('JSEventListeners'),
      heapBytes: value('JSHeapUsedSize'),
    };
  }

  /** Asks something of the list of everything of a kind that the page still has. */
  async #ask(kind: Kind, question: string): Promise<number> {
    const objectGroup = 'look';
    const { result: prototype } = await this.#session.send('Runtime.evaluate', {
      expression: `${kind}.prototype`,
      objectGroup,
    });
    const { objects } = await this.#session.send('Runtime.queryObjects', {
      prototypeObjectId: prototype.objectId ?? '',
      objectGroup,
    });
    const { result } = await this.#session.send('Runtime.callFunctionOn', {
      objectId: objects.objectId ?? '',
      functionDeclaration: `function () { return ${question}; }`,
      returnByValue: true,
    });
    // Or what was asked about would be kept by the asking.
    await this.#session.send('Runtime.releaseObjectGroup', { objectGroup });
    return Number(result.value);
  }
}
