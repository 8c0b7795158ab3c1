import type { Gather, Play, Prompt, Say } from '@parley/rcml';
import { prefix, type Millis, type Step } from './machine.ts';

/**
 * One `<Gather>`: its prompts are played one after another while keys, words or both are listened for.
 *
 *                 last prompt over · any key
 *   prompting ─────────────────────────────────► listening
 *       │  finishOnKey · numDigits            ▲      │  finishOnKey · numDigits · silence
 *       ├─────────────────────────────────────┼──────┴──────────────────► over
 *       │  she begins to speak                │ any key                    ▲
 *       └──────────────────────────────────► hearing ──────────────────────┘
 *                  (from listening, too)              understood · failed · too long
 *
 * Whoever hears tells of the beginning and of what was understood; when an utterance is over is its business. Keys go
 * before words: with the first that counts, nobody listens for words any more.
 */
export interface GatherState {
  readonly verb: Gather;
  readonly phase: GatherPhase;
  readonly digits: string;
  /** Names the listening for words; null where nobody listens. */
  readonly listenId: number | null;
  /** How often it has been told what was understood so far. */
  readonly partials: number;
  /** The script's numbers of plays, continued here. */
  readonly serial: number;
  readonly deadlineMs: Millis;
}

export type GatherPhase =
  /** A nested `<Pause>` has no `playId`: nothing is to be heard. */
  | { readonly name: 'prompting'; readonly index: number; readonly playId: number | null }
  | { readonly name: 'listening' }
  | { readonly name: 'hearing' }
  /** Keys that came after the input was complete belong to whoever asks next. */
  | { readonly name: 'over'; readonly rest: string; readonly speech?: Utterance };

/** What somebody said, as it was understood. */
export interface Utterance {
  /** Empty where nothing was. */
  readonly text: string;
  /** 0 to 1, where the recogniser says. */
  readonly confidence?: number;
}

/** What is told of somebody who is listened to. */
export type Hearing =
  | { readonly what: 'began' }
  /** So far; it may still change. */
  | { readonly what: 'partial'; readonly text: string }
  | ({ readonly what: 'understood' } & Utterance)
  /** There is no recogniser, or it failed: whatever is said counts as silence. */
  | { readonly what: 'failed' };

export type GatherInput =
  | { readonly type: 'played'; readonly playId: number }
  | { readonly type: 'digits'; readonly digits: string }
  | { readonly type: 'heard'; readonly listenId: number; readonly hearing: Hearing }
  | { readonly type: 'clock' };

export type GatherOutput =
  | { readonly type: 'play'; readonly playId: number; readonly prompt: Say | Play }
  | { readonly type: 'stopPlaying'; readonly playId: number }
  /** Answered by `heard`, until it is stopped. */
  | { readonly type: 'listen'; readonly listenId: number; readonly verb: Gather }
  | { readonly type: 'stopListening'; readonly listenId: number }
  | { readonly type: 'partial'; readonly text: string; readonly sequence: number };

export interface GatherLimits {
  readonly playMaxMs: number;
  readonly gatheredMax: number;
  /** From the first word to what was understood. */
  readonly hearingMaxMs: number;
  /** How often one `<Gather>` tells what was understood so far. */
  readonly partialsMax: number;
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
    listenId: null,
    partials: 0,
    serial: before.serial,
    deadlineMs: nowMs,
  };
  const typed = takeKeys(state, before.typedAhead, limits, nowMs);
  if (typed !== undefined) return typed;
  if (!verb.input.includes('speech')) return prompt(state, 0, limits, nowMs);
  const listenId = before.serial + 1;
  const listening: GatherState = { ...state, serial: listenId, listenId };
  return prefix([{ type: 'listen', listenId, verb }], prompt(listening, 0, limits, nowMs));
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
    case 'heard':
      return input.listenId === state.listenId
        ? heard(state, input.hearing, limits, nowMs)
        : { state, outputs: [] };
    case 'clock':
      if (nowMs < state.deadlineMs) return { state, outputs: [] };
      if (phase.name !== 'prompting') return over(state, '');
      return prefix(silencePrompt(state), prompt(state, phase.index + 1, limits, nowMs));
  }
}

function heard(state: GatherState, hearing: Hearing, limits: GatherLimits, nowMs: Millis): GatherStep {
  const { phase } = state;
  switch (hearing.what) {
    case 'began':
      if (phase.name === 'hearing') return { state, outputs: [] };
      return {
        state: { ...state, phase: { name: 'hearing' }, deadlineMs: nowMs + limits.hearingMaxMs },
        outputs: silencePrompt(state),
      };
    case 'partial': {
      const { partials, verb } = state;
      if (verb.partialResultCallback === undefined || partials >= limits.partialsMax)
        return { state, outputs: [] };
      return {
        state: { ...state, partials: partials + 1 },
        outputs: [{ type: 'partial', text: hearing.text, sequence: partials }],
      };
    }
    case 'understood': {
      const { what: _, ...speech } = hearing;
      return over({ ...state, listenId: null }, '', speech);
    }
    case 'failed':
      // Whoever had spoken is not kept waiting; whoever had not may still press keys.
      return phase.name === 'hearing'
        ? over({ ...state, listenId: null }, '')
        : { state: { ...state, listenId: null }, outputs: [] };
  }
}

/** What stops everything that plays or listens now. */
export function silenceGather(state: GatherState): readonly GatherOutput[] {
  return [...silencePrompt(state), ...deafen(state)];
}

function silencePrompt({ phase }: GatherState): readonly GatherOutput[] {
  return phase.name === 'prompting' && phase.playId !== null
    ? [{ type: 'stopPlaying', playId: phase.playId }]
    : [];
}

function deafen({ listenId }: GatherState): readonly GatherOutput[] {
  return listenId === null ? [] : [{ type: 'stopListening', listenId }];
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
  return { state: { ...listening(state, nowMs), digits, listenId: null }, outputs: silenceGather(state) };
}

function listening(state: GatherState, nowMs: Millis): GatherState {
  return { ...state, phase: { name: 'listening' }, deadlineMs: nowMs + state.verb.timeoutSeconds * 1000 };
}

function over(state: GatherState, rest: string, speech?: Utterance): GatherStep {
  const phase: GatherPhase = { name: 'over', rest, ...(speech === undefined ? {} : { speech }) };
  return { state: { ...state, phase, listenId: null }, outputs: silenceGather(state) };
}
