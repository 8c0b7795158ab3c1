import type { ClientError, ClientErrorName } from '../errors.ts';
import type { CallEnd } from './call-end.ts';
import { localEnd, over, stay } from './call-machine.ts';
import {
  AT_EASE,
  CALL_LIMITS,
  FRESH,
  isRingingHere,
  type CallEventName,
  type CallInput,
  type CallNotice,
  type CallState,
  type CallStep,
} from './call-state.ts';
import { standingFrom } from './standing.ts';

/**
 * How a call is placed, answered, joined and parted: the part of the machine that nobody needs in order to ring, to refuse
 * and to be cancelled. What it is fed comes from modules that are loaded together with it.
 */
export function progress(state: CallState, input: CallInput, nowMs: number): CallStep {
  switch (input.type) {
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
    case 'pathBroken':
      return stay({ ...state, isPathBroken: true });
    case 'pathWell':
      return stay({ ...state, isPathBroken: false });
    default:
      return stay(state);
  }
}

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
      // An end needs no progress: `stepCall` knows it.
      return stay(state);
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
