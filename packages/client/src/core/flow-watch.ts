/**
 * Whether packets pass in one direction of a call whose path ICE takes for good, and when that is worth mending. Rules:
 * `docs/spec/recovery.md`.
 *
 * ```
 *                none for a while            answered            a while later      answered: the gateway is sure
 *  flowing ─► quiet ───────────► asking ─────────────► comparing ─────────► asking ──────────────────────────────► cure
 *     ▲         ▲                  │ no answer, or nobody sends                │                                    │
 *     │         └──────────────────┴───────────────────────────────────────────┴────────────────────────────────────┘
 *     └── a packet, in any of them; or none is to be expected
 * ```
 *
 * Silence proves nothing: whoever is not heard may have lost their own network, put down their own page, or have nothing
 * to send. The gateway counts on both sides of every path, so it is asked, twice: only what it has sent on and did not
 * arrive, or what was sent to it and did not arrive there, says that this path is dead. A path is cured so many times
 * without having been good in between, each time after a longer wait; then it is only warned of.
 */
export interface FlowState {
  readonly phase:
    | { readonly name: 'flowing'; readonly sinceMs: number | null }
    | { readonly name: 'quiet'; readonly sinceMs: number }
    | { readonly name: 'asking'; readonly before: number | null; readonly byMs: number }
    | { readonly name: 'comparing'; readonly before: number; readonly atMs: number };
  /** How often it was cured since it was last good. */
  readonly cures: number;
  /** The last cure has not shown yet that it helped. */
  readonly isCuring: boolean;
  /** Until then the gateway is not asked (again). */
  readonly notBeforeMs: number;
  /** How often it was asked: what it says to an earlier question is about another silence. */
  readonly asks: number;
}

/** What is different between the two directions. */
export interface FlowWay {
  /** How long there may be nothing before the gateway is asked. */
  readonly quietMs: number;
  /** What the gateway has counted, before and now, while nothing showed here: is it this path? */
  readonly isDead: (before: number, now: number) => boolean;
}

/** What the others send is sent on to us, and does not arrive. */
export const WAY_DOWN: FlowWay = { quietMs: 2000, isDead: (before, now) => now > before };
/** What we send does not arrive. The SFU reports what does, which for sound takes it up to 7.5 s. */
export const WAY_UP: FlowWay = { quietMs: 10_000, isDead: (before, now) => now === before };

export type FlowInput =
  /** Once a second. `isExpected`: something should flow; `hasFlowed`: it has, since the last of these. */
  | { readonly type: 'second'; readonly isExpected: boolean; readonly hasFlowed: boolean }
  /** How much the gateway has counted. `to`: the number of the question. */
  | { readonly type: 'said'; readonly to: number; readonly count: number }
  | { readonly type: 'refused'; readonly to: number };

export type FlowOutput =
  | { readonly type: 'ask'; readonly number: number }
  /** `times`: how often it has been cured before, without having been good in between. */
  | { readonly type: 'cure'; readonly times: number }
  /** The cure has helped, or something else has. */
  | { readonly type: 'flows' };

export interface FlowStep {
  readonly state: FlowState;
  readonly outputs: readonly FlowOutput[];
}

export const FLOW_LIMITS = {
  /** Between the gateway's two answers. */
  compareMs: 2000,
  answerMs: 10_000,
  /** Where the gateway has not said that it is this path, it is asked again after this. */
  idleMs: 10_000,
  /** After the first cure, doubled with every further one. */
  backOffMs: 4000,
  curesMax: 3,
  /** It has been good for so long: then it is forgotten that it was cured. */
  goodMs: 20_000,
} as const;

export const NO_FLOW: FlowState = {
  phase: { name: 'flowing', sinceMs: null },
  cures: 0,
  isCuring: false,
  notBeforeMs: 0,
  asks: 0,
};

/** Pure: the same state, input and time always give the same step. */
export function stepFlow(state: FlowState, input: FlowInput, nowMs: number, way: FlowWay): FlowStep {
  switch (input.type) {
    case 'second':
      if (input.hasFlowed) return flowed(state, nowMs);
      if (!input.isExpected) return to(state, { name: 'flowing', sinceMs: null });
      return silentSecond(state, nowMs, way);
    case 'said':
      return isAwaited(state, input.to) ? said(state, input.count, nowMs, way) : to(state, state.phase);
    case 'refused':
      return isAwaited(state, input.to) ? idle(state, nowMs) : to(state, state.phase);
  }
}

function to(state: FlowState, phase: FlowState['phase'], ...outputs: readonly FlowOutput[]): FlowStep {
  return { state: { ...state, phase }, outputs };
}

function flowed(state: FlowState, nowMs: number): FlowStep {
  const { phase } = state;
  const sinceMs = phase.name === 'flowing' ? (phase.sinceMs ?? nowMs) : nowMs;
  const isGood = nowMs - sinceMs >= FLOW_LIMITS.goodMs;
  const next = { ...state, isCuring: false, cures: isGood ? 0 : state.cures };
  return to(next, { name: 'flowing', sinceMs }, ...(state.isCuring ? [{ type: 'flows' } as const] : []));
}

function silentSecond(state: FlowState, nowMs: number, way: FlowWay): FlowStep {
  const { phase } = state;
  switch (phase.name) {
    case 'flowing':
      return to(state, { name: 'quiet', sinceMs: nowMs });
    case 'quiet': {
      const isDue = nowMs - phase.sinceMs >= way.quietMs && nowMs >= state.notBeforeMs;
      return isDue && state.cures < FLOW_LIMITS.curesMax ? ask(state, null, nowMs) : to(state, phase);
    }
    case 'asking':
      return nowMs < phase.byMs ? to(state, phase) : idle(state, nowMs);
    case 'comparing':
      return nowMs < phase.atMs ? to(state, phase) : ask(state, phase.before, nowMs);
  }
}

function ask(state: FlowState, before: number | null, nowMs: number): FlowStep {
  const number = state.asks + 1;
  const phase = { name: 'asking', before, byMs: nowMs + FLOW_LIMITS.answerMs } as const;
  return to({ ...state, asks: number }, phase, { type: 'ask', number });
}

function isAwaited({ phase, asks }: FlowState, number: number): boolean {
  return phase.name === 'asking' && number === asks;
}

/** It is not this path, as far as anybody can tell. */
function idle(state: FlowState, nowMs: number): FlowStep {
  const next = { ...state, notBeforeMs: nowMs + FLOW_LIMITS.idleMs };
  return to(next, { name: 'quiet', sinceMs: nowMs });
}

function said(state: FlowState, count: number, nowMs: number, way: FlowWay): FlowStep {
  const { phase, cures } = state;
  if (phase.name !== 'asking') return to(state, phase);
  if (phase.before === null)
    return to(state, { name: 'comparing', before: count, atMs: nowMs + FLOW_LIMITS.compareMs });
  if (!way.isDead(phase.before, count)) return idle(state, nowMs);
  const notBeforeMs = nowMs + FLOW_LIMITS.backOffMs * 2 ** cures;
  const next = { ...state, cures: cures + 1, isCuring: true, notBeforeMs };
  return to(next, { name: 'quiet', sinceMs: nowMs }, { type: 'cure', times: cures });
}
