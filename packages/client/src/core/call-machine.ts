import type { ServerMessageOf } from '@parley/protocol';
import { ClientError, type ClientErrorName } from '../errors.ts';
import type { CallEnd } from './call-end.ts';
import {
  AT_EASE,
  callDeadlineMs,
  FRESH,
  isRingingHere,
  statusOf,
  type OpenOutput,
  type CallInput,
  type CallNotice,
  type CallState,
  type CallStep,
} from './call-state.ts';
import { ended, over, sessionLost, stay, stepRinging, type LastWord } from './ringing.ts';
import { standingFrom } from './standing.ts';

export const CALL_LIMITS = {
  /** From `connect` to the gateway's reply, socket and token included. */
  replyMs: 30_000,
  /** From `accept` to whatever follows: screening, joined or ended. */
  acceptMs: 20_000,
  /** A refused accept is usually followed by an `ended` that says why. */
  refusalMs: 2_000,
} as const;

/** A call this device places. */
export function placeCall(options: { readonly video: boolean }, nowMs: number): CallState {
  return {
    direction: 'outgoing',
    phase: { name: 'calling', byMs: nowMs + CALL_LIMITS.replyMs },
    callSid: '',
    other: null,
    video: options.video,
    ...FRESH,
  };
}

/**
 * The steps of the machine drawn in `call-state.ts`. Pure: the same state, input and time always give the same step. What
 * happens to a call that only rings is in `ringing.ts`, which is there before this has been loaded.
 */
export function stepCall(state: CallState, input: CallInput, nowMs: number): CallStep {
  if (state.phase.name === 'ended') return stay(state);
  return withTrouble(state, step(state, input, nowMs), nowMs);
}

function step(state: CallState, input: CallInput, nowMs: number): CallStep {
  switch (input.type) {
    // These mean something only while it rings here.
    case 'ignore':
    case 'reject':
      return stepRinging(state, input);
    case 'accept':
      return accept(state, nowMs);
    case 'placed':
      return state.phase.name === 'calling'
        ? stay({ ...state, callSid: input.callSid, phase: { name: 'calling', byMs: null } })
        : stay({ ...state, callSid: input.callSid });
    case 'refused':
      return refused(state, input.request, input.error, nowMs);
    case 'notice':
      return notice(state, input.notice, nowMs);
    case 'hangup':
      return isRingingHere(state) ? stepRinging(state, input) : hangup(state, nowMs);
    case 'fail':
      return over(state, localEnd(state, input.reason, nowMs, input.error), [
        { type: 'request', request: 'hangup' },
      ]);
    case 'pathBroken':
      return stay({ ...state, isPathBroken: true });
    case 'pathWell':
      return stay({ ...state, isPathBroken: false });
    case 'socketAway':
      return away(state);
    case 'socketBack':
      return back(state, nowMs);
    case 'sessionLost':
      return sessionLost(state, input.reason, input.error, lastedMs(state, nowMs));
    case 'clock':
      return clock(state, nowMs);
  }
}

/** Over at once for the person who hangs up; the gateway hears of it as soon as it can. */
function hangup(state: CallState, nowMs: number): CallStep {
  const isCancelled = state.direction === 'outgoing' && state.answeredAtMs === null;
  return over(state, localEnd(state, isCancelled ? 'cancelled' : 'hangup', nowMs), [
    { type: 'request', request: 'hangup' },
  ]);
}

function accept(state: CallState, nowMs: number): CallStep {
  if (!isRingingHere(state)) return stay(state);
  const byMs = state.isAway ? null : nowMs + CALL_LIMITS.acceptMs;
  return {
    state: { ...state, phase: { name: 'accepting', byMs, refusal: null } },
    outputs: [{ type: 'request', request: 'accept' }],
  };
}

function refused(
  state: CallState,
  request: 'connect' | 'accept',
  error: ClientError,
  nowMs: number,
): CallStep {
  if (request === 'connect') {
    return over(
      state,
      { ...localEnd(state, REFUSALS[error.name] ?? 'server', nowMs, error), by: 'server' },
      [],
    );
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
      return told(state, message);
  }
}

/** Rung again, for somebody else, it may be the gateway or this device that lets it be heard. */
function ringing(state: CallState, hasEarlyMedia: boolean): CallStep {
  // Who was called hears ringing only after she was answered: handed over, she waits for a third.
  if (state.direction === 'incoming' && state.answeredAtMs === null) return stay(state);
  if (state.phase.name === 'ringing') return stay({ ...state, hasEarlyMedia });
  return move(state, { phase: { name: 'ringing' }, hasEarlyMedia }, 'ringing');
}

function move(
  state: CallState,
  changes: Partial<CallState>,
  event: Extract<OpenOutput, { type: 'event' }>['name'],
): CallStep {
  return { state: { ...state, ...changes }, outputs: [{ type: 'event', name: event }] };
}

function told(state: CallState, message: ServerMessageOf<'ended'>): CallStep {
  const refusal = state.phase.name === 'accepting' ? state.phase.refusal : null;
  return ended(state, message, lastWordOf(state, message.reason), refusal ?? undefined);
}

const REFUSED_BY_OTHER: ReadonlySet<string> = new Set(['rejected', 'busy', 'declined']);

/** Twilio's `cancel` and `reject`, which come just before `disconnect`. */
function lastWordOf(state: CallState, reason: CallEnd['reason']): LastWord | null {
  if (state.direction === 'incoming') return state.answeredAtMs === null ? 'cancel' : null;
  return REFUSED_BY_OTHER.has(reason) ? 'reject' : null;
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
  return { reason, by: 'local', durationMs: lastedMs(state, nowMs), error };
}

function lastedMs({ answeredAtMs }: CallState, nowMs: number): number {
  return answeredAtMs === null ? 0 : Math.max(0, nowMs - answeredAtMs);
}
