import type { ServerMessageOf } from '@parley/protocol';
import { ClientError, type ClientErrorName } from '../errors.ts';
import type { CallEnd } from './call-end.ts';
import {
  AT_EASE,
  CALL_LIMITS,
  callDeadlineMs,
  isRingingHere,
  standingFrom,
  statusOf,
  type CallEventName,
  type CallInput,
  type CallNotice,
  type CallOutput,
  type CallState,
  type CallStep,
} from './call-state.ts';

/** The steps of the machine drawn in `call-state.ts`. Pure: the same state, input and time always give the same step. */
export function stepCall(state: CallState, input: CallInput, nowMs: number): CallStep {
  if (state.phase.name === 'ended') return stay(state);
  return withTrouble(state, step(state, input, nowMs), nowMs);
}

function step(state: CallState, input: CallInput, nowMs: number): CallStep {
  switch (input.type) {
    case 'accept':
      return accept(state, nowMs);
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
    case 'placed':
      return state.phase.name === 'calling'
        ? stay({ ...state, callSid: input.callSid, phase: { name: 'calling', byMs: null } })
        : stay({ ...state, callSid: input.callSid });
    case 'refused':
      return refused(state, input.request, input.error, nowMs);
    case 'notice':
      return notice(state, input.notice, nowMs);
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
    case 'pathBroken':
      return stay({ ...state, isPathBroken: true });
    case 'pathWell':
      return stay({ ...state, isPathBroken: false });
    case 'clock':
      return clock(state, nowMs);
  }
}

function stay(state: CallState): CallStep {
  return { state, outputs: [] };
}

function accept(state: CallState, nowMs: number): CallStep {
  if (!isRingingHere(state)) return stay(state);
  const byMs = state.isAway ? null : nowMs + CALL_LIMITS.acceptMs;
  return {
    state: { ...state, phase: { name: 'accepting', byMs, refusal: null } },
    outputs: [{ type: 'request', request: 'accept' }],
  };
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

function refused(
  state: CallState,
  request: 'connect' | 'accept',
  error: ClientError,
  nowMs: number,
): CallStep {
  if (request === 'connect') {
    return over(state, { ...localEnd(state, REFUSALS[error.name] ?? 'server', nowMs, error), by: 'server' });
  }
  if (state.phase.name !== 'accepting') return stay(state);
  return stay({
    ...state,
    phase: { name: 'accepting', byMs: nowMs + CALL_LIMITS.refusalMs, refusal: error },
  });
}

/** How a call ends that the gateway would not place; otherwise `server`. */
const REFUSALS: Partial<Readonly<Record<ClientErrorName, CallEnd['reason']>>> = {
  forbidden: 'forbidden',
  draining: 'draining',
  'too-many': 'overload',
  'rate-limited': 'overload',
  'media-failed': 'media',
};

function notice(state: CallState, message: CallNotice, nowMs: number): CallStep {
  switch (message.type) {
    case 'ringing':
      return ringing(state, message.earlyMedia === true);
    case 'answered':
      if (state.phase.name === 'answered') return stay(state);
      return move(
        state,
        { phase: { name: 'answered' }, answeredAtMs: state.answeredAtMs ?? nowMs },
        'answered',
      );
    case 'screening':
      if (state.direction === 'outgoing' || state.phase.name === 'screening') return stay(state);
      return move(
        state,
        { phase: { name: 'screening' }, answeredAtMs: state.answeredAtMs ?? nowMs },
        'screening',
      );
    case 'joined': {
      const { other, video } = message;
      const facts = {
        phase: { name: 'joined' },
        answeredAtMs: state.answeredAtMs ?? nowMs,
        other,
        video,
        standing: AT_EASE,
      } as const;
      // In a conference, somebody else is now heard for longest.
      if (state.phase.name === 'joined') return stay({ ...state, ...facts });
      return move(state, facts, 'accept');
    }
    case 'parted':
      if (state.phase.name !== 'joined') return stay(state);
      return move(state, { phase: { name: 'answered' }, standing: AT_EASE }, 'parted');
    case 'standing':
      return stay({ ...state, video: message.standing.video, standing: standingFrom(message.standing) });
    case 'ended':
      return ended(state, message);
  }
}

/** Rung again, for somebody else, it may be the gateway or this device that lets it be heard. */
function ringing(state: CallState, hasEarlyMedia: boolean): CallStep {
  // Who was called hears ringing only after she was answered: handed over, she waits for a third.
  if (state.direction === 'incoming' && state.answeredAtMs === null) return stay(state);
  if (state.phase.name === 'ringing') return stay({ ...state, hasEarlyMedia });
  return move(state, { phase: { name: 'ringing' }, hasEarlyMedia }, 'ringing');
}

function move(state: CallState, changes: Partial<CallState>, event: CallEventName): CallStep {
  return { state: { ...state, ...changes }, outputs: [{ type: 'event', name: event }] };
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

function localEnd(state: CallState, reason: CallEnd['reason'], nowMs: number, error?: ClientError): CallEnd {
  return {
    reason,
    by: 'local',
    durationMs: state.answeredAtMs === null ? 0 : Math.max(0, nowMs - state.answeredAtMs),
    ...(error === undefined ? {} : { error }),
  };
}

function over(state: CallState, end: CallEnd, before: readonly CallOutput[] = []): CallStep {
  return { state: { ...state, phase: { name: 'ended', end } }, outputs: [...before, { type: 'over', end }] };
}
