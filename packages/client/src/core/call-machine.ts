import type { ServerMessageOf } from '@parley/protocol';
import { ClientError } from '../errors.ts';
import type { CallEnd, Party } from './call-end.ts';

/**
 * One call, as this device sees it.
 *
 * ```
 *  outgoing  calling ──► ringing ──┐                       ┌─ parted ─┐
 *               └───────────┴──────┼──► answered ◄─────────┤          │
 *                                  └──────────┴────────► joined ◄─────┘
 *
 *  incoming  ringing ──accept──► accepting ──► screening ──► joined ⇄ answered
 *
 *  any ── hangup · reject · ended · refused · session lost · deadline ──► ended
 * ```
 *
 * The gateway decides; this machine keeps up, and asks. What it waits for from the gateway has a deadline, which does
 * not run while the socket is away: then the connection's grace is the limit. `ended` is entered once and never left.
 */
export type Phase =
  | { readonly name: 'calling'; readonly byMs: number | null }
  | { readonly name: 'ringing' }
  | { readonly name: 'accepting'; readonly byMs: number | null; readonly refusal: ClientError | null }
  | { readonly name: 'screening' }
  | { readonly name: 'answered' }
  | { readonly name: 'joined' }
  | { readonly name: 'ended'; readonly end: CallEnd };

export interface CallState {
  readonly direction: 'incoming' | 'outgoing';
  readonly phase: Phase;
  /** Empty until the gateway has named the call. */
  readonly callSid: string;
  readonly other: Party | null;
  /** Incoming: offered with video. Then: whether the two see one another. */
  readonly video: boolean;
  /** When it was picked up, by a person or by the gateway. */
  readonly answeredAtMs: number | null;
  readonly isIgnored: boolean;
  /** The socket is away. */
  readonly isAway: boolean;
  /** The media path is not well. */
  readonly isPathBroken: boolean;
}

/** What the gateway says that moves a call. */
export type CallNotice = ServerMessageOf<
  'ringing' | 'answered' | 'screening' | 'joined' | 'parted' | 'ended'
>;

export type CallInput =
  | { readonly type: 'accept' }
  | { readonly type: 'reject'; readonly everywhere: boolean }
  | { readonly type: 'ignore' }
  | { readonly type: 'hangup' }
  /** This device cannot go on, and tells the gateway so. */
  | { readonly type: 'fail'; readonly reason: CallEnd['reason']; readonly error: ClientError }
  | { readonly type: 'placed'; readonly callSid: string }
  | { readonly type: 'refused'; readonly request: 'connect' | 'accept'; readonly error: ClientError }
  | { readonly type: 'notice'; readonly notice: CallNotice }
  | { readonly type: 'socketAway' }
  | { readonly type: 'socketBack' }
  /** Nobody at the gateway knows this call any more. */
  | {
      readonly type: 'sessionLost';
      readonly reason: CallEnd['reason'];
      readonly error?: ClientError | undefined;
    }
  | { readonly type: 'pathBroken' }
  | { readonly type: 'pathWell' }
  | { readonly type: 'clock' };

/** What a call tells those who listen to it. */
export type CallEventName =
  | 'ringing'
  | 'screening'
  | 'answered'
  | 'accept'
  | 'parted'
  | 'reconnecting'
  | 'reconnected'
  | 'cancel'
  | 'reject';

export type CallOutput =
  | { readonly type: 'request'; readonly request: 'accept' | 'hangup' }
  | { readonly type: 'request'; readonly request: 'reject'; readonly everywhere: boolean }
  | { readonly type: 'event'; readonly name: CallEventName }
  /** Always the last output of a call. */
  | { readonly type: 'over'; readonly end: CallEnd };

export interface CallStep {
  readonly state: CallState;
  readonly outputs: readonly CallOutput[];
}

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

/** A call that rings here. */
export function ringCall(
  incoming: Pick<ServerMessageOf<'incoming'>, 'callSid' | 'from' | 'media'>,
): CallState {
  return {
    direction: 'incoming',
    phase: { name: 'ringing' },
    callSid: incoming.callSid,
    other: { identity: incoming.from },
    video: incoming.media.video,
    ...FRESH,
  };
}

const FRESH = { answeredAtMs: null, isIgnored: false, isAway: false, isPathBroken: false } as const;

/** Twilio's word for how a call stands. */
export function statusOf(
  state: CallState,
): 'pending' | 'connecting' | 'ringing' | 'open' | 'reconnecting' | 'closed' {
  switch (state.phase.name) {
    case 'ended':
      return 'closed';
    case 'calling':
    case 'accepting':
    case 'screening':
      return 'connecting';
    case 'ringing':
      if (state.direction === 'incoming') return 'pending';
      // The gateway has answered before, and rings somebody (else) now: the call itself stays open.
      return state.answeredAtMs === null ? 'ringing' : openOrReconnecting(state);
    case 'answered':
    case 'joined':
      return openOrReconnecting(state);
  }
}

function openOrReconnecting(state: CallState): 'open' | 'reconnecting' {
  return state.isAway || state.isPathBroken ? 'reconnecting' : 'open';
}

/** When the machine next wants to hear the clock; null for never. */
export function callDeadlineMs(state: CallState): number | null {
  const { phase } = state;
  return phase.name === 'calling' || phase.name === 'accepting' ? phase.byMs : null;
}

/** Pure: the same state, input and time always give the same step. */
export function stepCall(state: CallState, input: CallInput, nowMs: number): CallStep {
  if (state.phase.name === 'ended') return stay(state);
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
      return healthChanged(state, { ...state, isPathBroken: true });
    case 'pathWell':
      return healthChanged(state, { ...state, isPathBroken: false });
    case 'clock':
      return clock(state, nowMs);
  }
}

function stay(state: CallState): CallStep {
  return { state, outputs: [] };
}

/** Whether it rings at this device and waits for its person. */
export function isRingingHere(state: CallState): boolean {
  return state.direction === 'incoming' && state.phase.name === 'ringing';
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
    return over(state, { ...localEnd(state, reasonOfRefusal(error), nowMs, error), by: 'server' });
  }
  if (state.phase.name !== 'accepting') return stay(state);
  return stay({
    ...state,
    phase: { name: 'accepting', byMs: nowMs + CALL_LIMITS.refusalMs, refusal: error },
  });
}

function reasonOfRefusal(error: ClientError): CallEnd['reason'] {
  switch (error.name) {
    case 'forbidden':
      return 'forbidden';
    case 'draining':
      return 'draining';
    case 'too-many':
    case 'rate-limited':
      return 'overload';
    case 'media-failed':
      return 'media';
    default:
      return 'server';
  }
}

function notice(state: CallState, message: CallNotice, nowMs: number): CallStep {
  switch (message.type) {
    case 'ringing':
      if (state.direction === 'incoming' || state.phase.name === 'ringing') return stay(state);
      return move(state, { phase: { name: 'ringing' } }, 'ringing');
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
      } as const;
      return move(state, facts, 'accept');
    }
    case 'parted':
      if (state.phase.name !== 'joined') return stay(state);
      return move(state, { phase: { name: 'answered' } }, 'parted');
    case 'ended':
      return ended(state, message);
  }
}

function move(state: CallState, changes: Partial<CallState>, event: CallEventName): CallStep {
  return { state: { ...state, ...changes }, outputs: [{ type: 'event', name: event }] };
}

function ended(state: CallState, message: ServerMessageOf<'ended'>): CallStep {
  const { reason, by, elsewhere, fault, durationMs } = message;
  const refusal = state.phase.name === 'accepting' ? state.phase.refusal : null;
  const end: CallEnd = {
    reason,
    by,
    durationMs,
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(fault === undefined ? {} : { fault }),
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
  return healthChanged(state, { ...paused, isAway: true });
}

function back(state: CallState, nowMs: number): CallStep {
  const { phase } = state;
  const restarted =
    phase.name === 'accepting'
      ? { ...state, phase: { ...phase, byMs: nowMs + CALL_LIMITS.acceptMs } }
      : state;
  return healthChanged(state, { ...restarted, isAway: false });
}

/** Tells of a path lost or regained only where a person would notice: while the call is open. */
function healthChanged(before: CallState, after: CallState): CallStep {
  const [was, is] = [statusOf(before), statusOf(after)];
  if (was === 'open' && is === 'reconnecting')
    return { state: after, outputs: [{ type: 'event', name: 'reconnecting' }] };
  if (was === 'reconnecting' && is === 'open')
    return { state: after, outputs: [{ type: 'event', name: 'reconnected' }] };
  return stay(after);
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
