import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NO_PATH,
  PATH_LIMITS,
  pathDeadlineMs,
  stepPath,
  type PathInput,
  type PathOutput,
  type PathState,
} from '../core/path-machine.ts';

const PATIENCE_MS = 30_000;

/** Inputs that say it all by their name. */
type Plain = Exclude<PathInput['type'], 'dead'>;

/** A path that is told one thing after the other, each at its time. */
function run(
  from: PathState,
  ...script: readonly (readonly [atMs: number, input: Plain | Extract<PathInput, { type: 'dead' }>])[]
) {
  const outputs: string[] = [];
  let state = from;
  for (const [nowMs, input] of script) {
    const step = stepPath(state, typeof input === 'string' ? { type: input } : input, {
      nowMs,
      patienceMs: PATIENCE_MS,
    });
    state = step.state;
    outputs.push(...step.outputs.map(nameOf));
  }
  return { state, outputs };
}

function nameOf(output: PathOutput): string {
  return output.type === 'renewMedia' ? `renewMedia ${output.via}` : output.type;
}

/** Lets every wait of the machine run out, until it waits for nothing. */
function starve(from: PathState, fromMs: number): { outputs: string[]; endMs: number } {
  const outputs: string[] = [];
  let [state, nowMs] = [from, fromMs];
  for (let byMs = pathDeadlineMs(state); byMs !== null; byMs = pathDeadlineMs(state)) {
    nowMs = byMs;
    const step = stepPath(state, { type: 'clock' }, { nowMs, patienceMs: PATIENCE_MS });
    state = step.state;
    outputs.push(...step.outputs.map(nameOf));
  }
  return { outputs, endMs: nowMs };
}

const WELL = run(NO_PATH, [0, 'started'], [100, 'connected']).state;
const LATER_MS = 60_000;

describe('a media path that breaks', () => {
  it('[RY1] asks the socket first; only when that has answered is the path mended', () => {
    const asked = run(WELL, [LATER_MS, 'broken']);
    expect(asked.outputs).toEqual(['probe']);
    expect(run(asked.state, [LATER_MS + 20, 'signalingProven']).outputs).toEqual(['restartIce']);
  });

  it('[RY1] leaves a sick socket to be mended first, and mends the path the moment it is back', () => {
    const sick = run(WELL, [LATER_MS, 'broken'], [LATER_MS + 2500, 'signalingDown']);
    expect(sick.outputs).toEqual(['probe']);
    expect(pathDeadlineMs(sick.state)).toBeNull();
    expect(run(sick.state, [LATER_MS + 9000, 'signalingUp']).outputs).toEqual(['restartIce']);
    const away = run(WELL, [LATER_MS, 'signalingDown'], [LATER_MS + 1, 'broken']);
    expect(away.outputs).toEqual([]);
    expect(away.state.path.name).toBe('stranded');
  });

  it('[RY1] a cure under way is dropped with the socket, and begun anew with the next', () => {
    const cut = run(
      WELL,
      [LATER_MS, 'broken'],
      [LATER_MS + 1, 'signalingProven'],
      [LATER_MS + 2, 'signalingDown'],
    );
    expect(cut.state.path.name).toBe('stranded');
    expect(run(cut.state, [LATER_MS + 3, 'signalingUp']).outputs).toEqual(['restartIce']);
  });

  it('[RY2] is mended ever more thoroughly, and given up when the time is over that the gateway gives', () => {
    const curing = run(WELL, [LATER_MS, 'broken'], [LATER_MS, 'signalingProven']);
    const { outputs, endMs } = starve(curing.state, LATER_MS);
    expect(outputs).toEqual(['renewMedia any', 'renewMedia relay', 'renewMedia any', 'giveUp']);
    expect(endMs).toBe(LATER_MS + PATIENCE_MS);
  });

  it('[RY2] what the gateway cannot do is not waited for', () => {
    const curing = run(
      WELL,
      [LATER_MS, 'broken'],
      [LATER_MS, 'signalingProven'],
      [LATER_MS + 5, 'cureRefused'],
    );
    expect(curing.outputs).toEqual(['probe', 'restartIce', 'renewMedia any']);
  });

  it('[RY3] that breaks again and again soon after it was mended is not given the weakest cure once more', () => {
    let [state, nowMs] = [WELL, LATER_MS];
    const first: (string | undefined)[] = [];
    for (let stall = 0; stall < 4; stall += 1) {
      const step = run(state, [nowMs, 'broken'], [nowMs + 50, 'signalingProven'], [nowMs + 500, 'connected']);
      first.push(step.outputs[1]);
      state = step.state;
      nowMs += 5000;
    }
    expect(first).toEqual(['restartIce', 'restartIce', 'renewMedia any', 'renewMedia relay']);
    const calm = nowMs + PATH_LIMITS.stallMs;
    expect(run(state, [calm, 'broken'], [calm, 'signalingProven']).outputs).toEqual(['probe', 'restartIce']);
  });

  it('[RY66] on which nothing passes is restarted once, then made anew, then through a relay', () => {
    const cure = (times: number): string[] => run(WELL, [LATER_MS, { type: 'dead', times }]).outputs;
    expect([0, 1, 2].map(cure)).toEqual([['restartIce'], ['renewMedia any'], ['renewMedia relay']]);
    // Left alone where it is being mended already, and (found by the property below) while the socket is away.
    const away = run(WELL, [LATER_MS, 'signalingDown']).state;
    const stranded = run(away, [LATER_MS, 'broken']).state;
    for (const state of [run(WELL, [LATER_MS, 'broken']).state, away, stranded, NO_PATH])
      expect(run(state, [LATER_MS + 1, { type: 'dead', times: 0 }])).toEqual({ state, outputs: [] });
  });

  it('[RY4] and heals by itself needs no cure', () => {
    const healed = run(
      WELL,
      [LATER_MS, 'broken'],
      [LATER_MS + 20, 'connected'],
      [LATER_MS + 30, 'signalingProven'],
    );
    expect(healed.outputs).toEqual(['probe']);
    expect(healed.state.path.name).toBe('well');
  });
});

const anyPathInput: fc.Arbitrary<PathInput> = fc.constantFrom<PathInput>(
  { type: 'started' },
  { type: 'connected' },
  { type: 'broken' },
  { type: 'dead', times: 0 },
  { type: 'dead', times: 2 },
  { type: 'signalingUp' },
  { type: 'signalingDown' },
  { type: 'signalingProven' },
  { type: 'cureRefused' },
  { type: 'clock' },
);

describe('whatever happens to a media path', () => {
  it('[CS59] is mended by one cure at a time, a stronger one after a weaker one, and given up once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyPathInput, fc.nat(10_000)), { maxLength: 60 }), (script) => {
        let state: PathState = NO_PATH;
        let nowMs = 0;
        let given = 0;
        for (const [input, laterMs] of script) {
          nowMs += laterMs;
          const before = state;
          const { state: next, outputs } = stepPath(state, input, { nowMs, patienceMs: PATIENCE_MS });
          state = next;
          expect(outputs.length).toBeLessThanOrEqual(1);
          const [output] = outputs;
          // Nothing can be asked for while nobody hears it.
          if (output !== undefined && output.type !== 'giveUp') expect(state.isSignalingUp).toBe(true);
          if (
            output?.type === 'renewMedia' &&
            before.path.name !== 'restarting' &&
            before.path.name !== 'renewing'
          )
            expect(state.stalls).toBeGreaterThanOrEqual(PATH_LIMITS.stallsMax);
          if (output?.type === 'giveUp') given += 1;
          const { name } = state.path;
          if (['bringing-up', 'probing', 'restarting', 'renewing'].includes(name))
            expect(pathDeadlineMs(state)).not.toBeNull();
          if (name === 'stranded') expect(state.isSignalingUp).toBe(false);
        }
        expect(given).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });
});
