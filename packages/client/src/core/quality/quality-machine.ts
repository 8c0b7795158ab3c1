import type { CallQuality, QualityWarning, Sample, WarningName } from './quality.ts';
import {
  HEARD_LEVEL,
  mean,
  TICKS_KEPT,
  WARNING_RULES,
  type QualityFacts,
  type Tick,
} from './warning-rules.ts';

/**
 * How one call is, second by second.
 *
 * ```
 *              a rule sees too much of it                     five good seconds, or it no longer applies
 *   unspoken ─────────────────────────────► raised (warning) ───────────────────────────────────────────► cleared
 * ```
 *
 * One state for all rules: the last seconds, and what is raised. Whether a rule is raised follows from those seconds
 * alone, so that nothing can be raised for ever. The word for the whole becomes worse at once, and better slowly:
 * an indicator that flickers is believed by nobody.
 */
export interface QualityState {
  readonly ticks: readonly Tick[];
  readonly raised: readonly QualityWarning[];
  readonly quality: CallQuality | null;
  /** For how many seconds it has been better than the word says. */
  readonly betterFor: number;
  readonly pathKey: string | null;
  /** Seconds since there was a path: while a path is being found, its changes are no news. */
  readonly settledFor: number;
}

export interface QualityInput {
  readonly sample: Sample;
  readonly facts: QualityFacts;
  readonly pathKey: string | null;
}

export type QualityOutput =
  | { readonly type: 'warning'; readonly warning: QualityWarning }
  | { readonly type: 'cleared'; readonly warning: QualityWarning }
  | { readonly type: 'quality'; readonly quality: CallQuality | null };

export interface QualityStep {
  readonly state: QualityState;
  readonly outputs: readonly QualityOutput[];
}

export const NO_QUALITY: QualityState = {
  ticks: [],
  raised: [],
  quality: null,
  betterFor: 0,
  pathKey: null,
  settledFor: 0,
};

const BETTER_AFTER = 5;
const SETTLED_AFTER = 5;
const MEAN_OF = 5;

/** From the best to the worst. A mean at or above the figure deserves the word. */
const LEVELS = [
  ['excellent', 4.2],
  ['good', 3.8],
  ['fair', 3.1],
  ['poor', 0],
] as const satisfies readonly (readonly [CallQuality['level'], number])[];
const ORDER: readonly CallQuality['level'][] = ['excellent', 'good', 'fair', 'poor', 'lost'];

/** What a warning lets the word be at best; one that is not here does not touch it. */
const AT_BEST: Partial<Record<WarningName, CallQuality['level']>> = {
  'high-rtt': 'fair',
  'high-jitter': 'fair',
  'high-packet-loss': 'fair',
  'high-packets-lost-fraction': 'fair',
  'cpu-limited': 'fair',
  'frozen-video': 'fair',
  'low-local-audio': 'fair',
  'low-mos': 'poor',
  'one-way-audio': 'poor',
  'low-bytes-sent': 'lost',
  'low-bytes-received': 'lost',
  'ice-connectivity-lost': 'lost',
};

/** Pure: the same state and input always give the same step. */
export function stepQuality(state: QualityState, input: QualityInput): QualityStep {
  const { sample, facts, pathKey } = input;
  const settledFor = pathKey === null ? 0 : state.settledFor + 1;
  const hasPathChanged =
    pathKey !== null &&
    state.pathKey !== null &&
    pathKey !== state.pathKey &&
    state.settledFor >= SETTLED_AFTER;
  const wasJoined = state.ticks.at(-1)?.facts.isJoined === true;
  // With somebody else, or on another way, what was heard before proves nothing.
  const isNew = !facts.isJoined || !wasJoined || hasPathChanged;
  const hears = (sample.received.audio?.level ?? 0) > HEARD_LEVEL;
  const tick: Tick = {
    sample,
    facts,
    pathKey,
    hasPathChanged,
    hasHeard: hears || (!isNew && state.ticks.at(-1)?.hasHeard === true),
  };
  const ticks = [...state.ticks, tick].slice(-TICKS_KEPT);
  const outputs: QualityOutput[] = [];
  const raised = judgeAll(ticks, state.raised, outputs);
  const { quality, betterFor } = wordFor(ticks, raised, state);
  if (!isSame(quality, state.quality)) outputs.push({ type: 'quality', quality });
  const next: QualityState = {
    ticks,
    raised,
    quality: isSame(quality, state.quality) ? state.quality : quality,
    betterFor,
    pathKey: pathKey ?? state.pathKey,
    settledFor,
  };
  return { state: next, outputs };
}

function judgeAll(
  ticks: readonly Tick[],
  before: readonly QualityWarning[],
  outputs: QualityOutput[],
): readonly QualityWarning[] {
  const after: QualityWarning[] = [];
  for (const rule of WARNING_RULES) {
    const { name, level, direction, threshold } = rule;
    const { verdict, value } = rule.judge(ticks);
    const known = before.find((warning) => warning.name === name);
    if (known !== undefined) {
      if (verdict === 'clear') outputs.push({ type: 'cleared', warning: { ...known, value } });
      else after.push(known);
    } else if (verdict === 'raise') {
      const sinceMs = ticks.at(-1)?.sample.atMs ?? 0;
      const warning: QualityWarning = {
        name,
        level,
        value,
        threshold,
        sinceMs,
        direction,
        i18nKey: `warning.${name}`,
      };
      outputs.push({ type: 'warning', warning });
      after.push(warning);
    }
  }
  return after;
}

function wordFor(
  ticks: readonly Tick[],
  raised: readonly QualityWarning[],
  state: QualityState,
): Pick<QualityState, 'quality' | 'betterFor'> {
  const facts = ticks.at(-1)?.facts;
  // On hold, or before there is anybody, there is nothing to have an opinion of.
  if (facts === undefined || !facts.isJoined || facts.isHeld) return { quality: null, betterFor: 0 };
  const heard = ticks.slice(-MEAN_OF).flatMap(({ sample }) => sample.mos ?? []);
  const mos = heard.length === 0 ? null : Math.round(mean(heard) * 10) / 10;
  const reasons = raised.flatMap(({ name }) => (AT_BEST[name] === undefined ? [] : name));
  const ceilings = reasons.flatMap((name) => AT_BEST[name] ?? []);
  // Nothing measured and nothing wrong: a second or two after joining.
  if (mos === null && reasons.length === 0) return { quality: state.quality, betterFor: 0 };
  const byMos = LEVELS.find(([, least]) => (mos ?? 4.2) >= least)?.[0] ?? 'poor';
  const now = [byMos, ...ceilings].reduce(worse);
  const shown = state.quality?.level;
  if (shown === undefined || rank(now) >= rank(shown)) {
    return { quality: { level: now, mos, reasons }, betterFor: 0 };
  }
  const betterFor = state.betterFor + 1;
  const level = betterFor >= BETTER_AFTER ? now : shown;
  return { quality: { level, mos, reasons }, betterFor: betterFor >= BETTER_AFTER ? 0 : betterFor };
}

function rank(level: CallQuality['level']): number {
  return ORDER.indexOf(level);
}

function worse(one: CallQuality['level'], other: CallQuality['level']): CallQuality['level'] {
  return rank(one) >= rank(other) ? one : other;
}

function isSame(one: CallQuality | null, other: CallQuality | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.level === other.level &&
    one.mos === other.mos &&
    one.reasons.length === other.reasons.length &&
    one.reasons.every((name, index) => name === other.reasons[index])
  );
}
