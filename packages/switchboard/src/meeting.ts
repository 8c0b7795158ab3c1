import type { EndReason } from '@parley/protocol';
import type { Client, Dial } from '@parley/rcml';
import type { DialInput, DialOutcome, DialOutput, DialPhase, DialState, DialStep } from './dial-state.ts';
import { prefix, stay, type Millis } from './machine.ts';

/** Names a transfer. */
export type TransferId = string;

/** Where one of two goes who are not joined with one another any more, because one of them hands the other over. */
export type Place =
  /** Into the transfer: she waits there for the other, or talks with her. */
  | { readonly type: 'meet'; readonly transferId: TransferId }
  /** She rings somebody, and comes into the transfer if nobody takes the call. */
  | { readonly type: 'ring'; readonly transferId: TransferId; readonly noun: Client }
  /** Out: her call is over. */
  | { readonly type: 'leave' };

/** The part of a dial that the caller spends in a transfer: nobody rings, and no leg of this dial is joined. */
export type Meeting = Extract<DialPhase, { name: 'meeting' }>;

/** How long somebody rings to whom a call is handed over. */
const RING_SECONDS = 30;
const TALK_SECONDS = 4 * 3600;

/** The dial of somebody who had none: she was rung herself, and has a call of her own now. She is seen under her name. */
export function dialOfGuest(options: {
  readonly identity: string;
  readonly base: string;
  readonly bridgedMs: Millis;
  readonly nowMs: Millis;
}): DialState {
  const { identity, base, bridgedMs, nowMs } = options;
  const verb: Dial = {
    verb: 'Dial',
    at: { line: 1, column: 1 },
    method: 'POST',
    timeoutSeconds: RING_SECONDS,
    timeLimitSeconds: TALK_SECONDS,
    callerId: identity,
    hangupOnStar: false,
    record: 'do-not-record',
    trim: 'do-not-trim',
    recordingStatusCallbackMethod: 'POST',
    recordingStatusCallbackEvents: ['completed'],
    sequential: false,
    answerOnBridge: true,
    nouns: [],
  };
  const phase: Meeting = { name: 'meeting', transferId: '', endsAtMs: nowMs + TALK_SECONDS * 1000 };
  return { verb, base, legs: [], waiting: [], alongside: new Map(), phase, bridgedMs };
}

/** Comes into the transfer, to talk with whoever is there or comes. */
export function meet(state: DialState, transferId: TransferId, nowMs: Millis, failed?: EndReason): DialStep {
  const { aside: _, ...rest } = state;
  const endsAtMs = nowMs + state.verb.timeLimitSeconds * 1000;
  return {
    state: { ...rest, phase: { name: 'meeting', transferId, endsAtMs } },
    outputs: [{ type: 'enterTransfer', transferId, ...(failed === undefined ? {} : { failed }) }],
  };
}

/** The way back is given up: somebody has taken the call, or she has left. */
export function withoutAside(state: DialState, why: 'answered' | 'left'): DialStep {
  const { aside: transferId, ...rest } = state;
  if (transferId === undefined) return stay(state);
  return { state: rest, outputs: [{ type: 'leaveTransfer', transferId, why }] };
}

export function stepMeeting(state: DialState, meeting: Meeting, input: DialInput, nowMs: Millis): DialStep {
  switch (input.type) {
    case 'callerLeft':
      return leave(state, meeting, 'remote-hangup', nowMs);
    case 'terminate':
      return leave(state, meeting, input.reason, nowMs);
    case 'clock':
      return nowMs >= meeting.endsAtMs ? leave(state, meeting, 'time-limit', nowMs) : stay(state);
    case 'transferOver':
      return input.transferId === meeting.transferId ? over(state, 'hangup', nowMs) : stay(state);
    case 'reseat':
    case 'leg':
    case 'device':
    case 'conferenceLeft':
      return stay(state);
  }
}

function leave(state: DialState, { transferId }: Meeting, reason: EndReason, nowMs: Millis): DialStep {
  const left: DialOutput = { type: 'leaveTransfer', transferId, why: 'left' };
  return prefix<DialState, DialOutput>([left], over(state, reason, nowMs));
}

/** For her document the dial has lasted since she was first joined with anybody; its leg is the last it has rung. */
function over(state: DialState, reason: EndReason, nowMs: Millis): DialStep {
  const { bridgedMs = nowMs, lastEnded } = state;
  const outcome: DialOutcome = {
    status: 'completed',
    reason,
    bridged: true,
    durationMs: nowMs - bridgedMs,
    ringMs: 0,
    ...(lastEnded === undefined ? {} : { legSid: lastEnded }),
  };
  return { state: { ...state, phase: { name: 'ended', outcome } }, outputs: [{ type: 'ended', outcome }] };
}

/** She is out, because she has handed the other over. */
export function handOver(state: DialState, nowMs: Millis): DialStep {
  return over(state, 'transferred', nowMs);
}
