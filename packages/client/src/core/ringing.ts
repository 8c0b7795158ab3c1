import type { ServerMessageOf } from '@parley/protocol';
import type { ClientError } from '../errors.ts';
import type { CallEnd } from './call-end.ts';
import {
  isRingingHere,
  type CallInput,
  type CallOutput,
  type CallState,
  type CallStep,
} from './call-state.ts';

export type LastWord = Extract<CallOutput, { type: 'lastWord' }>['name'];

/**
 * The steps of a call that rings here: it is ignored, refused, cancelled or lost. Pure, and all of the machine drawn in
 * `call-state.ts` that a device needs until somebody answers; `stepCall` has the rest, and takes these from here.
 */
export function stepRinging(state: CallState, input: CallInput): CallStep {
  if (!isRingingHere(state)) return stay(state);
  switch (input.type) {
    case 'ignore':
      return stay({ ...state, isIgnored: true });
    case 'reject':
      return refuse(state, input.everywhere);
    case 'hangup':
      return refuse(state, false);
    case 'notice':
      if (input.notice.type !== 'ended') return stay(state);
      return ended(state, input.notice, 'cancel');
    case 'sessionLost':
      return sessionLost(state, input.reason, input.error, 0);
    case 'socketAway':
      return stay({ ...state, isAway: true });
    case 'socketBack':
      return stay({ ...state, isAway: false });
    case 'accept':
    case 'fail':
    case 'placed':
    case 'refused':
    case 'pathBroken':
    case 'pathWell':
    case 'clock':
      return stay(state);
  }
}

export function stay(state: CallState): CallStep {
  return { state, outputs: [] };
}

function refuse(state: CallState, everywhere: boolean): CallStep {
  const end: CallEnd = { reason: 'rejected', by: 'local', durationMs: 0 };
  return over(state, end, [{ type: 'refuse', everywhere }], 'reject');
}

/** The gateway says that it is over. */
export function ended(
  state: CallState,
  message: ServerMessageOf<'ended'>,
  lastWord: LastWord | null,
  error?: ClientError,
): CallStep {
  const { callSid = state.callSid, reason, by, elsewhere, fault, tone, durationMs } = message;
  return over({ ...state, callSid }, { reason, by, elsewhere, fault, tone, durationMs, error }, [], lastWord);
}

export function sessionLost(
  state: CallState,
  reason: CallEnd['reason'],
  error: ClientError | undefined,
  durationMs: number,
): CallStep {
  // What the person or the page did is theirs; the rest was done to them.
  const by = reason === 'destroyed' || reason === 'page-unload' ? 'local' : 'server';
  return over(state, { reason, by, durationMs, error }, []);
}

export function over(
  state: CallState,
  end: CallEnd,
  before: readonly CallOutput[],
  lastWord: LastWord | null = null,
): CallStep {
  const said: readonly CallOutput[] = lastWord === null ? [] : [{ type: 'lastWord', name: lastWord, end }];
  return {
    state: { ...state, phase: { name: 'ended', end } },
    outputs: [...before, ...said, { type: 'over', end }],
  };
}
