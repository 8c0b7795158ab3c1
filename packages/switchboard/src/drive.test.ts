import { describe, expect, it } from 'vitest';
import { Driver, type World } from './drive.ts';
import type { Millis, Step } from './machine.ts';

/** Time that a test turns, and the timers that are set in it. */
class HandWorld implements World {
  now = 0;
  timersSet = 0;
  readonly timers = new Set<{ readonly atMs: Millis; readonly wake: () => void }>();

  nowMs(): Millis {
    return this.now;
  }

  wakeAt(atMs: Millis, wake: () => void): () => void {
    const timer = { atMs, wake };
    this.timersSet++;
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Turns to a time and wakes what is due, or everything when it wakes too early. */
  turn(toMs: Millis, { early = false } = {}): void {
    this.now = toMs;
    for (const timer of Array.from(this.timers)) {
      if (!early && timer.atMs > toMs) continue;
      this.timers.delete(timer);
      timer.wake();
    }
  }
}

interface Counter {
  readonly seen: readonly string[];
  readonly deadlineMs?: Millis;
}
type Said = { readonly say: string };

interface Setting {
  readonly world?: HandWorld;
  readonly begins?: boolean;
  readonly perform?: (output: Said, driver: Driver<Counter, string, Said>) => void;
}

/** A machine that remembers what it was told, says it, and wants to be woken when it is told a number. */
function bench({ world = new HandWorld(), perform, begins = true }: Setting = {}) {
  const said: string[] = [];
  const crashes: { readonly error: unknown; readonly lastInputs: readonly string[] }[] = [];
  let isInside = false;
  const driver: Driver<Counter, string, Said> = new Driver<Counter, string, Said>({
    start: () => ({ state: { seen: [] }, outputs: [{ say: 'begun' }] }),
    step: (state, input, nowMs): Step<Counter, Said> => {
      if (isInside) throw new Error('entered twice');
      if (input === 'fail') throw new Error('a bug');
      isInside = true;
      const at = Number(input);
      const base = { seen: [...state.seen, `${input}@${nowMs}`] };
      const isKept = input === 'other' || (input === 'clock' && nowMs < (state.deadlineMs ?? 0));
      const kept =
        isKept && state.deadlineMs !== undefined ? { ...base, deadlineMs: state.deadlineMs } : base;
      const next: Counter = Number.isNaN(at) ? kept : { ...base, deadlineMs: at };
      isInside = false;
      return { state: next, outputs: [{ say: `${input} 1` }, { say: `${input} 2` }] };
    },
    deadlineMs: (state) => {
      if (state.deadlineMs === -1) throw new Error('no such time');
      return state.deadlineMs;
    },
    clock: 'clock',
    perform: (output) => {
      said.push(output.say);
      perform?.(output, driver);
    },
    onCrash: (error, lastInputs) => crashes.push({ error, lastInputs: [...lastInputs] }),
    world,
  });
  if (begins) driver.begin();
  return { world, said, crashes, driver };
}

describe('Driver', () => {
  it('[DR1] an input that arrives while outputs are performed waits until all are', () => {
    const { said, driver } = bench({
      perform: (output, self) => {
        if (output.say === 'a 1') self.feed('b');
        if (output.say === 'b 1') self.feed('c');
      },
    });
    driver.feed('a');
    expect(said).toEqual(['begun', 'a 1', 'a 2', 'b 1', 'b 2', 'c 1', 'c 2']);
    expect(driver.state.seen).toEqual(['a@0', 'b@0', 'c@0']);
  });

  it('[DR6] performs nothing before it begins, and then the machine’s first outputs before all else', () => {
    const { said, driver } = bench({ begins: false });
    driver.feed('a');
    expect(said).toEqual([]);
    driver.begin();
    driver.begin();
    expect(said).toEqual(['begun', 'a 1', 'a 2']);
  });

  it('[DR2] one timer, set anew only when the deadline has changed', () => {
    const { world, driver } = bench();
    expect(world.timers.size).toBe(0);
    driver.feed('500');
    driver.feed('other');
    driver.feed('other');
    expect(world.timersSet).toBe(1);
    driver.feed('300');
    expect(Array.from(world.timers, ({ atMs }) => atMs)).toEqual([300]);
    driver.feed('none');
    expect(world.timers.size).toBe(0);
  });

  it('[DR2] the clock is said at the deadline', () => {
    const { world, driver } = bench();
    driver.feed('500');
    world.turn(499);
    expect(driver.state.seen).toEqual(['500@0']);
    world.turn(500);
    expect(driver.state.seen).toEqual(['500@0', 'clock@500']);
    expect(world.timers.size).toBe(0);
  });

  it('[DR3] a timer that wakes early is set again', () => {
    const { world, driver } = bench();
    driver.feed('500');
    world.turn(100, { early: true });
    expect(Array.from(world.timers, ({ atMs }) => atMs)).toEqual([500]);
    world.turn(500);
    expect(driver.state.seen.at(-1)).toBe('clock@500');
  });

  it('[DR4] what the machine throws stops this driver alone, and is reported once with what led to it', () => {
    const first = bench();
    const second = bench({ world: first.world });
    for (let count = 0; count < 30; count++) first.driver.feed(`i${count}`);
    first.driver.feed('500');
    first.driver.feed('fail');
    first.driver.feed('after');
    expect(first.crashes).toHaveLength(1);
    expect(first.crashes[0]?.error).toEqual(new Error('a bug'));
    expect(first.crashes[0]?.lastInputs).toHaveLength(20);
    expect(first.crashes[0]?.lastInputs.slice(-2)).toEqual(['500', 'fail']);
    expect(first.world.timers.size).toBe(0);
    expect(first.driver.state.seen).not.toContain('after@0');
    second.driver.feed('still here');
    expect(second.said.at(-1)).toBe('still here 2');
  });

  it('[DR4] so does what the shell throws, and what waits is dropped', () => {
    const { said, crashes, driver } = bench({
      perform: (output, self) => {
        if (output.say !== 'a 1') return;
        self.feed('b');
        throw new Error('no socket');
      },
    });
    driver.feed('a');
    expect(crashes).toMatchObject([{ lastInputs: ['a'] }]);
    expect(said).toEqual(['begun', 'a 1']);
  });

  it('[DR4] and what is thrown where the first outputs are performed, or the deadline is asked for', () => {
    const early = bench({
      perform: () => {
        throw new Error('at once');
      },
    });
    expect(early.crashes).toMatchObject([{ lastInputs: [] }]);
    const { crashes, driver } = bench();
    driver.feed('-1');
    expect(crashes).toMatchObject([{ error: new Error('no such time'), lastInputs: ['-1'] }]);
    driver.feed('b');
    expect(driver.state.seen).toEqual(['-1@0']);
  });

  it('[DR5] stopped, it takes nothing, performs nothing, and holds no timer', () => {
    const { world, said, driver } = bench();
    driver.feed('500');
    driver.stop();
    driver.feed('a');
    world.turn(1000);
    expect(world.timers.size).toBe(0);
    expect(said).toEqual(['begun', '500 1', '500 2']);
    driver.stop();
  });

  it('[DR5] stopped by an output, the rest of the step is not performed and no timer is set', () => {
    const { world, said, driver } = bench({
      perform: (output, self) => {
        if (output.say === '500 1') self.stop();
      },
    });
    driver.feed('500');
    expect(said).toEqual(['begun', '500 1']);
    expect(world.timers.size).toBe(0);
  });
});
