import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FLOW_LIMITS,
  NO_FLOW,
  stepFlow,
  WAY_DOWN,
  WAY_UP,
  type FlowInput,
  type FlowState,
  type FlowWay,
} from '../core/flow-watch.ts';

/** A direction that is looked at once a second, and a gateway that counts and answers in the same tick. */
class Direction {
  readonly cures: { readonly atMs: number; readonly times: number }[] = [];
  readonly asks: number[] = [];
  flows = 0;
  nowMs = 0;
  count = 0;
  readonly #way: FlowWay;
  #state: FlowState = NO_FLOW;

  constructor(way: FlowWay) {
    this.#way = way;
  }

  second(world: Partial<World> = {}): void {
    const { isExpected = true, hasFlowed = false, isSent = true, isAnswered = true } = world;
    this.nowMs += 1000;
    if (isSent) this.count += 5000;
    this.#feed({ type: 'second', isExpected, hasFlowed }, isAnswered);
  }

  seconds(count: number, world: Partial<World> = {}): void {
    for (let second = 0; second < count; second += 1) this.second(world);
  }

  #feed(input: FlowInput, isAnswered: boolean): void {
    const { state, outputs } = stepFlow(this.#state, input, this.nowMs, this.#way);
    this.#state = state;
    for (const output of outputs) {
      if (output.type === 'cure') this.cures.push({ atMs: this.nowMs, times: output.times });
      if (output.type === 'flows') this.flows += 1;
      if (output.type !== 'ask') continue;
      this.asks.push(this.nowMs);
      const to = output.number;
      this.#feed(isAnswered ? { type: 'said', to, count: this.count } : { type: 'refused', to }, isAnswered);
    }
  }
}

interface World {
  readonly isExpected: boolean;
  readonly hasFlowed: boolean;
  /** The gateway counts on. */
  readonly isSent: boolean;
  readonly isAnswered: boolean;
}

const FLOWS = { hasFlowed: true } as const;

describe('a path on which nothing passes though ICE is content', () => {
  it('[RY64] what is sent to us and does not arrive is cured within five seconds', () => {
    const down = new Direction(WAY_DOWN);
    down.seconds(30, FLOWS);
    down.seconds(5);
    expect(down.cures).toEqual([{ atMs: 35_000, times: 0 }]);
  });

  it('[RY64] what we send and does not arrive there is cured; the SFU may take 7.5 s to report what does', () => {
    const up = new Direction(WAY_UP);
    for (let report = 0; report < 5; report += 1) {
      up.second(FLOWS);
      up.seconds(8);
    }
    expect(up.asks).toEqual([]);
    const sinceMs = up.nowMs;
    up.seconds(8, { isSent: false });
    expect(up.cures).toHaveLength(1);
    expect((up.cures[0]?.atMs ?? 0) - sinceMs).toBeLessThanOrEqual(8000);
  });

  it('[RY64] what arrives again is told once, whatever has helped', () => {
    const down = new Direction(WAY_DOWN);
    down.seconds(30, FLOWS);
    down.seconds(5);
    down.second(FLOWS);
    down.second(FLOWS);
    expect(down.flows).toBe(1);
  });

  it('[RY65] nothing is mended where nobody sends: on hold, muted, alone, or whose own network is away', () => {
    const down = new Direction(WAY_DOWN);
    down.seconds(30, FLOWS);
    down.seconds(600, { isSent: false });
    expect(down.cures).toEqual([]);
    // Nor asked all the time.
    expect(down.asks.length).toBeLessThanOrEqual(2 * 60);

    const silent = new Direction(WAY_DOWN);
    silent.seconds(600, { isExpected: false });
    expect(silent.asks).toEqual([]);
  });

  it('[RY65] what has come through while the gateway was asked makes it a good path', () => {
    const down = new Direction(WAY_DOWN);
    down.seconds(30, FLOWS);
    for (let round = 0; round < 20; round += 1) {
      down.seconds(4);
      down.second(FLOWS);
    }
    expect(down.cures).toEqual([]);
  });

  it('[RY65] a gateway that does not say is not taken for one that has said yes', () => {
    const down = new Direction(WAY_DOWN);
    down.seconds(600, { isAnswered: false });
    expect(down.cures).toEqual([]);
    const mute = new Direction(WAY_DOWN);
    mute.seconds(600, { isAnswered: false, isSent: false });
    expect(mute.cures).toEqual([]);
  });

  it('[RY65] what is said late, to a question about an earlier silence, counts for nothing', () => {
    let state: FlowState = NO_FLOW;
    let nowMs = 0;
    const tell = (...inputs: readonly FlowInput[]): string[] =>
      inputs.flatMap((input) => {
        if (input.type === 'second') nowMs += 1000;
        const step = stepFlow(state, input, nowMs, WAY_DOWN);
        ({ state } = step);
        return step.outputs.map((output) => (output.type === 'ask' ? `ask ${output.number}` : output.type));
      });
    const nothing = { type: 'second', isExpected: true, hasFlowed: false } as const;
    const something = { ...nothing, hasFlowed: true } as const;
    expect(tell(nothing, nothing, nothing)).toEqual(['ask 1']);
    // Much has come since the gateway counted this; then nobody sends any more.
    expect(tell(something, nothing, nothing, nothing)).toEqual(['ask 2']);
    expect(tell({ type: 'said', to: 1, count: 10 }, { type: 'said', to: 2, count: 99 })).toEqual([]);
    expect(tell(nothing, nothing)).toEqual(['ask 3']);
    expect(tell({ type: 'said', to: 3, count: 99 })).toEqual([]);
  });

  it('[RY66] is cured three times, each time after a longer wait, and then only warned of', () => {
    const down = new Direction(WAY_DOWN);
    down.seconds(3600);
    expect(down.cures.map(({ times }) => times)).toEqual([0, 1, 2]);
    const waits = down.cures.map(({ atMs }, at) => atMs - (down.cures[at - 1]?.atMs ?? 0));
    expect(waits).toEqual(waits.toSorted((one, other) => one - other));
  });

  it('[RY66] twenty good seconds make up for it, fewer do not', () => {
    const down = new Direction(WAY_DOWN);
    down.seconds(100);
    down.seconds(10, FLOWS);
    down.seconds(100);
    expect(down.cures).toHaveLength(3);
    down.seconds(22, FLOWS);
    down.seconds(10);
    expect(down.cures.at(-1)).toMatchObject({ times: 0 });
  });

  it('[RY66] whatever happens, no more than three cures without twenty good seconds, and four seconds apart', () => {
    const second = fc.record({
      isExpected: fc.boolean(),
      hasFlowed: fc.boolean(),
      isSent: fc.boolean(),
      isAnswered: fc.boolean(),
    });
    const stretch = fc.tuple(second, fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(
        fc.array(stretch, { maxLength: 40 }),
        fc.constantFrom(WAY_DOWN, WAY_UP),
        (stretches, way) => {
          const direction = new Direction(way);
          let goodSinceMs: number | null = null;
          let since = 0;
          for (const [world, count] of stretches) {
            for (let at = 0; at < count; at += 1) {
              direction.second(world);
              if (world.hasFlowed) goodSinceMs ??= direction.nowMs;
              else goodSinceMs = null;
              if (goodSinceMs !== null && direction.nowMs - goodSinceMs >= FLOW_LIMITS.goodMs)
                since = direction.cures.length;
              expect(direction.cures.length - since).toBeLessThanOrEqual(FLOW_LIMITS.curesMax);
            }
          }
          direction.cures.forEach(({ atMs }, at) => {
            const before = direction.cures[at - 1];
            if (before !== undefined)
              expect(atMs - before.atMs).toBeGreaterThanOrEqual(FLOW_LIMITS.backOffMs);
          });
        },
      ),
    );
  });
});
