import type { Gather, Play, Prompt, Say } from '@parley/rcml';
import { prefix, type Millis, type Step } from './machine.ts';

/**
 * One `<Gather>`: its prompts are played one after another while keys are listened for.
 *
 *                 last prompt over · any key
 *   prompting ─────────────────────────────────► listening
 *       │  finishOnKey · numDigits                   │  finishOnKey · numDigits · silence
 *       └────────────────────────────────────────────┴──────────────────► over
 */
export interface GatherState {
  readonly verb: Gather;
  readonly phase: GatherPhase;
  readonly digits: string;
  /** The script's numbers of plays, continued here. */
  readonly serial: number;
  readonly deadlineMs: Millis;
}

export type GatherPhase =
  /** A nested `<Pause>` has no `playId`: nothing is to be heard. */
  | { readonly name: 'prompting'; readonly index: number; readonly playId: number | null }
  | { readonly name: 'listening' }
  /** Keys that came after the input was complete belong to whoever asks next. */
  | { readonly name: 'over'; readonly rest: string };

export type GatherInput =
  | { readonly type: 'played'; readonly playId: number }
  | { readonly type: 'digits'; readonly digits: string }
  | { readonly type: 'clock' };

export type GatherOutput =
  | { readonly type: 'play'; readonly playId: number; readonly prompt: Say | Play }
  | { readonly type: 'stopPlaying'; readonly playId: number };

export interface GatherLimits {
  readonly playMaxMs: number;
  readonly gatheredMax: number;
}

type GatherStep = Step<GatherState, GatherOutput>;

/** Begins with the keys that were typed ahead; they count as pressed now. */
export function startGather(
  verb: Gather,
  before: { readonly typedAhead: string; readonly serial: number },
  limits: GatherLimits,
  nowMs: Millis,
): GatherStep {
  const state: GatherState = {
    verb,
    phase: { name: 'listening' },
    digits: '',
    serial: before.serial,
    deadlineMs: nowMs,
  };
  return takeKeys(state, before.typedAhead, limits, nowMs) ?? prompt(state, 0, limits, nowMs);
}

/** Pure: the same state, input and time always give the same step. */
export function stepGather(
  state: GatherState,
  input: GatherInput,
  limits: GatherLimits,
  nowMs: Millis,
): GatherStep {
  const { phase } = state;
  if (phase.name === 'over') return { state, outputs: [] };
  switch (input.type) {
    case 'played':
      if (phase.name !== 'prompting' || phase.playId !== input.playId) return { state, outputs: [] };
      return prompt(state, phase.index + 1, limits, nowMs);
    case 'digits':
      return takeKeys(state, input.digits, limits, nowMs) ?? { state, outputs: [] };
    case 'clock':
      if (nowMs < state.deadlineMs) return { state, outputs: [] };
      if (phase.name === 'listening') return over(state, '');
      return prefix(silenceGather(state), prompt(state, phase.index + 1, limits, nowMs));
  }
}

/** What stops the prompt that is playing now. */
export function silenceGather(state: GatherState): readonly GatherOutput[] {
  const { phase } = state;
  return phase.name === 'prompting' && phase.playId !== null
    ? [{ type: 'stopPlaying', playId: phase.playId }]
    : [];
}

/** Begins the prompt at the index, or to listen when there is none left. */
function prompt(state: GatherState, index: number, limits: GatherLimits, nowMs: Millis): GatherStep {
  const next: Prompt | undefined = state.verb.prompts[index];
  if (next === undefined) return { state: listening(state, nowMs), outputs: [] };
  if (next.verb === 'Pause') {
    const deadlineMs = nowMs + next.lengthSeconds * 1000;
    return {
      state: { ...state, phase: { name: 'prompting', index, playId: null }, deadlineMs },
      outputs: [],
    };
  }
  const playId = state.serial + 1;
  return {
    state: {
      ...state,
      serial: playId,
      phase: { name: 'prompting', index, playId },
      deadlineMs: nowMs + limits.playMaxMs,
    },
    outputs: [{ type: 'play', playId, prompt: next }],
  };
}

/** Takes keys until the input is complete. Undefined when none of them counts: nothing has happened then. */
function takeKeys(
  state: GatherState,
  typed: string,
  limits: GatherLimits,
  nowMs: Millis,
): GatherStep | undefined {
  const { verb } = state;
  if (!verb.input.includes('dtmf')) return undefined;
  let { digits } = state;
  for (const [index, key] of Array.from(typed).entries()) {
    // `w` is half a second of silence, not a key.
    if (key === 'w') continue;
    if (digits === '' && verb.startInputKey !== undefined && !verb.startInputKey.includes(key)) continue;
    const isFinish = verb.finishOnKey.includes(key);
    if (!isFinish) digits += key;
    if (isFinish || digits.length === verb.numDigits || digits.length >= limits.gatheredMax) {
      return over({ ...state, digits }, typed.slice(index + 1));
    }
  }
  if (digits === state.digits) return undefined;
  return { state: { ...listening(state, nowMs), digits }, outputs: silenceGather(state) };
}

function listening(state: GatherState, nowMs: Millis): GatherState {
  return { ...state, phase: { name: 'listening' }, deadlineMs: nowMs + state.verb.timeoutSeconds * 1000 };
}

function over(state: GatherState, rest: string): GatherStep {
  return { state: { ...state, phase: { name: 'over', rest } }, outputs: silenceGather(state) };
}
