import type { ServerMessageOf } from '@parley/protocol';
import type { ClientError } from '../errors.ts';
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
  /** The gateway plays what is to be heard while it rings. */
  readonly hasEarlyMedia: boolean;
  /** The socket is away. */
  readonly isAway: boolean;
  /** The media path is not well. */
  readonly isPathBroken: boolean;
  /** Since when the person has been told of that; null while all is well. */
  readonly troubleSinceMs: number | null;
  readonly standing: Standing;
}

/** How the two stand with one another, in the words of the snapshot. */
export interface Standing {
  readonly held: { readonly local: boolean; readonly remote: boolean };
  readonly videoRequest: 'local' | 'remote' | null;
  readonly isTransferring: boolean;
}

/** Nobody on hold, nothing asked. */
export const AT_EASE: Standing = {
  held: { local: false, remote: false },
  videoRequest: null,
  isTransferring: false,
};

/** What the gateway says that moves a call. */
export type CallNotice = ServerMessageOf<
  'ringing' | 'answered' | 'screening' | 'joined' | 'parted' | 'standing' | 'ended'
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

/** What a call that rings here asks for and tells. */
export type RingingOutput =
  | { readonly type: 'refuse'; readonly everywhere: boolean }
  /** Twilio's words for a call that has never been taken, just before it is over. */
  | { readonly type: 'lastWord'; readonly name: 'cancel' | 'reject'; readonly end: CallEnd }
  /** Always the last output of a call. */
  | { readonly type: 'over'; readonly end: CallEnd };

/** What a call asks for and tells besides. */
export type OpenOutput =
  | { readonly type: 'request'; readonly request: 'accept' | 'hangup' }
  | { readonly type: 'event'; readonly name: 'ringing' | 'screening' | 'answered' | 'accept' | 'parted' }
  | { readonly type: 'reconnecting'; readonly error: ClientError }
  | { readonly type: 'reconnected'; readonly gapMs: number };

export type CallOutput = RingingOutput | OpenOutput;

export interface CallStep {
  readonly state: CallState;
  readonly outputs: readonly CallOutput[];
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

/** What every call begins with. */
export const FRESH = {
  answeredAtMs: null,
  isIgnored: false,
  hasEarlyMedia: false,
  isAway: false,
  isPathBroken: false,
  troubleSinceMs: null,
  standing: AT_EASE,
} as const;

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
      if (isRingingHere(state)) return 'pending';
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
  return 'byMs' in phase ? phase.byMs : null;
}

/** Whether it rings at this device and waits for its person. */
export function isRingingHere(state: CallState): boolean {
  return state.direction === 'incoming' && state.phase.name === 'ringing' && state.answeredAtMs === null;
}
