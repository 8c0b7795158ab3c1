import type { ServerMessageOf } from '@parley/protocol';
import { ClientError } from '../errors.ts';
import type { CallEnd } from './call-end.ts';
import {
  CALL_LIMITS,
  callDeadlineMs,
  isRingingHere,
  statusOf,
  type CallInput,
  type CallOutput,
  type CallState,
  type CallStep,
} from './call-state.ts';

/** How a call comes about: `progress` of `call-progress.ts`. */
export type CallProgress = (state: CallState, input: CallInput, nowMs: number) => CallStep;

/**
 * The steps of the machine drawn in `call-state.ts`. Pure: the same state, input and time always give the same step. Here is
 * how a call rings and ends; how it is placed, answered and joined is in `progress`, which is loaded with what feeds that.
 */
export function stepCall(
  state: CallState,
  input: CallInput,
  nowMs: number,
  progress: CallProgress,
): CallStep {
  if (state.phase.name === 'ended') return stay(state);
  return withTrouble(state, step(state, input, nowMs, progress), nowMs);
}

function step(state: CallState, input: CallInput, nowMs: number, progress: CallProgress): CallStep {
  switch (input.type) {
    case 'reject':
      return reject(state, input.everywhere);
    case 'ignore':
      return stay({ ...state, isIgnored: isRingingHere(state) });
    case 'hangup':
      return hangup(state, nowMs);
    case 'fail':
      return over(state, localEnd(state, input.reason, nowMs, input.error), [
        { type: 'request', request: 'hangup' },
      ]);
    case 'notice':
      return input.notice.type === 'ended' ? ended(state, input.notice) : progress(state, input, nowMs);
    case 'accept':
    case 'placed':
    case 'refused':
    case 'pathBroken':
    case 'pathWell':
      return progress(state, input, nowMs);
    case 'socketAway':
      return away(state);
    case 'socketBack':
      return back(state, nowMs);
    case 'sessionLost':
      return over(state, {
        ...localEnd(state, input.reason, nowMs, input.error),
        // What the person or the page did is theirs; the rest was done to them.
        by: input.reason === 'destroyed' || input.reason === 'page-unload' ? 'local' : 'server',
      });
    case 'clock':
      return clock(state, nowMs);
  }
}

export function stay(state: CallState): CallStep {
  return { state, outputs: [] };
}

function reject(state: CallState, everywhere: boolean): CallStep {
  if (!isRingingHere(state)) return stay(state);
  return over(state, { reason: 'rejected', by: 'local', durationMs: 0 }, [
    { type: 'request', request: 'reject', everywhere },
    { type: 'event', name: 'reject' },
  ]);
}

/** Over at once for the person who hangs up; the gateway hears of it as soon as it can. */
function hangup(state: CallState, nowMs: number): CallStep {
  if (isRingingHere(state)) return reject(state, false);
  const isCancelled = state.direction === 'outgoing' && state.answeredAtMs === null;
  return over(state, localEnd(state, isCancelled ? 'cancelled' : 'hangup', nowMs), [
    { type: 'request', request: 'hangup' },
  ]);
}

function ended(state: CallState, message: ServerMessageOf<'ended'>): CallStep {
  const { reason, by, elsewhere, fault, tone, durationMs } = message;
  const refusal = state.phase.name === 'accepting' ? state.phase.refusal : null;
  const end: CallEnd = {
    reason,
    by,
    durationMs,
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(fault === undefined ? {} : { fault }),
    ...(tone === undefined ? {} : { tone }),
    ...(refusal === null ? {} : { error: refusal }),
  };
  const named = message.callSid === undefined ? state : { ...state, callSid: message.callSid };
  return over(named, end, [...wordsFor(state, end)]);
}

const REFUSED_BY_OTHER: ReadonlySet<string> = new Set(['rejected', 'busy', 'declined']);

/** Twilio's `cancel` and `reject`, which come just before `disconnect`. */
function wordsFor(state: CallState, end: CallEnd): readonly CallOutput[] {
  if (state.direction === 'incoming') {
    const wasAnswered = state.answeredAtMs !== null;
    return wasAnswered ? [] : [{ type: 'event', name: 'cancel' }];
  }
  return REFUSED_BY_OTHER.has(end.reason) ? [{ type: 'event', name: 'reject' }] : [];
}

function away(state: CallState): CallStep {
  const { phase } = state;
  const paused = phase.name === 'accepting' ? { ...state, phase: { ...phase, byMs: null } } : state;
  return stay({ ...paused, isAway: true });
}

function back(state: CallState, nowMs: number): CallStep {
  const { phase } = state;
  const restarted =
    phase.name === 'accepting'
      ? { ...state, phase: { ...phase, byMs: nowMs + CALL_LIMITS.acceptMs } }
      : state;
  return stay({ ...restarted, isAway: false });
}

/** Tells of a connection lost or regained, in pairs, and only where a person would notice: while the call is open. */
function withTrouble({ troubleSinceMs }: CallState, { state, outputs }: CallStep, nowMs: number): CallStep {
  const status = statusOf(state);
  if (status === 'reconnecting' && troubleSinceMs === null) {
    const error = new ClientError(state.isAway ? 'connection-lost' : 'media-failed');
    return {
      state: { ...state, troubleSinceMs: nowMs },
      outputs: [...outputs, { type: 'reconnecting', error }],
    };
  }
  if (status === 'open' && troubleSinceMs !== null) {
    return {
      state: { ...state, troubleSinceMs: null },
      outputs: [...outputs, { type: 'reconnected', gapMs: nowMs - troubleSinceMs }],
    };
  }
  return { state, outputs };
}

function clock(state: CallState, nowMs: number): CallStep {
  const byMs = callDeadlineMs(state);
  if (byMs === null || nowMs < byMs) return stay(state);
  const refusal = state.phase.name === 'accepting' ? state.phase.refusal : null;
  const error = refusal ?? new ClientError('timeout');
  const end: CallEnd = {
    ...localEnd(state, refusal === null ? 'network' : 'server', nowMs, error),
    by: 'server',
  };
  return over(state, end, [{ type: 'request', request: 'hangup' }]);
}

export function localEnd(
  state: CallState,
  reason: CallEnd['reason'],
  nowMs: number,
  error?: ClientError,
): CallEnd {
  return {
    reason,
    by: 'local',
    durationMs: state.answeredAtMs === null ? 0 : Math.max(0, nowMs - state.answeredAtMs),
    ...(error === undefined ? {} : { error }),
  };
}

export function over(state: CallState, end: CallEnd, before: readonly CallOutput[] = []): CallStep {
  return { state: { ...state, phase: { name: 'ended', end } }, outputs: [...before, { type: 'over', end }] };
}
