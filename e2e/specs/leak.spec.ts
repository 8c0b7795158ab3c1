import process from 'node:process';
import type { CDPSession, Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';

const WARM_UP_CALLS = 10;
const CALLS = 100;
/** What may stay of each call in the heap: less than the smallest thing a call has many of. */
const HEAP_BYTES_PER_CALL_MAX = 4_096;

test('[RY40] a hundred calls in one page leave nothing behind', async ({ phones }) => {
  test.setTimeout(180_000);
  const alice = await phones.open('alice');
  const jenny = await phones.open('jenny');
  await jenny.page.evaluate(() => {
    window.parleyDevice?.on('incoming', (call) => void call.accept());
  });
  await makeCalls(alice.page, WARM_UP_CALLS);
  const looks = await Promise.all([alice.page, jenny.page].map((page) => Look.at(page)));
  const before = await Promise.all(looks.map((look) => look.count()));

  await makeCalls(alice.page, CALLS);

  for (const [index, look] of looks.entries()) {
    const name = index === 0 ? 'the caller' : 'the called';
    const start = before[index];
    if (start === undefined) throw new Error('nobody has looked before');
    // Some of it is freed a moment later, by the browser itself.
    await expect
      .poll(async () => (await look.count()).things, { message: `what is left at ${name}` })
      .toEqual(start.things);
    const heap = (await look.count()).heapBytes - start.heapBytes;
    process.stdout.write(`      ${name}: ${Math.round(heap / CALLS)} bytes of heap for each call\n`);
    expect(heap).toBeLessThan(CALLS * HEAP_BYTES_PER_CALL_MAX);
  }
  await expect.poll(() => alice.lights()).toEqual([]);
  await expect.poll(() => jenny.lights()).toEqual([]);
});

/** One after the other: placed, answered, joined, hung up. */
async function makeCalls(page: Page, count: number): Promise<void> {
  await page.evaluate(async (calls) => {
    for (let made = 0; made < calls; made += 1) {
      const call = await window.parleyDevice?.connect({ to: 'jenny', microphone: true });
      if (call === undefined) throw new Error('there is no device');
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
  readonly things: Readonly<Record<string, number>>;
  readonly heapBytes: number;
}

/** What the browser itself says it keeps for a page. */
class Look {
  readonly #session: CDPSession;

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async at(page: Page): Promise<Look> {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    return new Look(session);
  }

  /** After everything that nobody holds has been swept out. */
  async count(): Promise<Count> {
    for (let sweep = 0; sweep < 3; sweep += 1) await this.#session.send('HeapProfiler.collectGarbage');
    const { metrics } = await this.#session.send('Performance.getMetrics');
    const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN;
    const names = ['RTCPeerConnections', 'AudioHandlers', 'JSEventListeners', 'Documents'];
    return {
      things: Object.fromEntries(names.map((name) => [name, value(name)])),
      heapBytes: value('JSHeapUsedSize'),
    };
  }
}
