import type { CallSid, EndReason, Party } from '@parley/protocol';
import type { Conference, Dial } from '@parley/rcml';
import type { FinalStatus } from './call-status.ts';
import type { ConferenceExit } from './conference-state.ts';
import {
  isAlive,
  legDeadlineMs,
  partiesOf,
  pickedUpBy,
  type Away,
  type Contact,
  type LegInput,
  type LegNoun,
  type LegOutput,
  type LegState,
} from './leg-state.ts';
import { earliest, type Millis, type Step } from './machine.ts';
import type { Place, TransferId } from './meeting.ts';
import type { PartyId } from './media-plane.ts';
import type { Notification } from './notification.ts';
import type { RecordingName } from './recording-order.ts';
import type { ScriptLimits } from './script-state.ts';

/**
 * One `<Dial>`: ring every noun in it, join the caller to the first leg that is accepted.
 *
 *             a leg is accepted
 *   ringing ─────────────────────► joined
 *      │  caller left · timed out     │  caller left · leg left
 *      │  · last leg gone             │  · time limit · ended by the application
 *      └──────────────────────────────┴────────────► ended
 *                                                      ▲
 *   visiting (a `<Conference>`: nobody rings) ─────────┤  caller left · time limit · conference over
 *                                                      │
 *   joined ──a transfer──► meeting ────────────────────┘  caller left · time limit · the other left
 *      └──────────────────► ringing (somebody else; if nobody comes: meeting)
 *
 * The first accept wins, and every other leg ends in the same step (CL9): whatever arrives after that finds its leg
 * ended. Ringing has the dial's timeout, or, once that is over, the deadlines of the legs being screened (D6).
 */
export interface DialState {
  readonly verb: Dial;
  /** Where the document with the dial was found. */
  readonly base: string;
  readonly legs: readonly LegState[];
  /** Nouns that have not begun, in `sequential` order. */
  readonly waiting: readonly LegNoun[];
  /** Legs of a name that an earlier leg rings already, and that earlier leg (D3). */
  readonly alongside: ReadonlyMap<CallSid, CallSid>;
  readonly phase: DialPhase;
  /** Where the caller goes if nobody takes the call: back to whoever has handed her over. */
  readonly aside?: TransferId;
  /** Since when the caller has been joined with somebody, were it somebody else. */
  readonly bridgedMs?: Millis;
  /** The leg that ended last; its status is the dial's when nobody was joined (D8). */
  readonly lastEnded?: CallSid;
}

export type DialPhase =
  | {
      readonly name: 'ringing';
      /** Absent when the timeout is over and a leg is still being screened. */
      readonly answerByMs?: Millis;
    }
  | {
      readonly name: 'joined';
      readonly winner: CallSid;
      /** Who picked up. */
      readonly person: Party;
      readonly endsAtMs: Millis;
    }
  | {
      readonly name: 'visiting';
      readonly conference: Conference;
      readonly visitId: number;
      readonly beganMs: Millis;
      readonly endsAtMs: Millis;
    }
  /** With somebody of another call, or waiting for her: see `transfer.ts`. */
  | { readonly name: 'meeting'; readonly transferId: TransferId; readonly endsAtMs: Millis }
  | { readonly name: 'ended'; readonly outcome: DialOutcome };

/** How a dial ended, as the `action` request and the caller's device are told it (D8). */
export interface DialOutcome {
  readonly status: FinalStatus;
  /** Why the leg that decides ended, as its devices were told. */
  readonly reason: EndReason;
  readonly legSid?: CallSid;
  /** Whether the caller was joined with somebody. */
  readonly bridged: boolean;
  readonly durationMs: Millis;
  readonly ringMs: Millis;
  readonly answeredBy?: Party;
  /** No device of that leg could hear of its end. */
  readonly away?: Away;
  /** As written; the country of the tone that says how it ended. */
  readonly ringTone?: string;
  /** Spent in a conference, or before one that was full. */
  readonly isConference?: true;
  /** What was recorded of it. */
  readonly recording?: RecordingName;
}

export type DialInput =
  | { readonly type: 'leg'; readonly sid: CallSid; readonly input: LegInput }
  /** What a device says; the dial knows whose part it is. */
  | { readonly type: 'device'; readonly party: PartyId; readonly input: LegInput }
  | { readonly type: 'callerLeft' }
  /** The application, or the gateway, ends the dial; the caller stays (D27, hangupOnStar, drain). */
  | { readonly type: 'terminate'; readonly reason: EndReason }
  /** The conference is over for the caller, or did not take her. */
  | { readonly type: 'conferenceLeft'; readonly visitId: number; readonly why: ConferenceExit }
  /** One of the two hands the other over: where each goes. `contact` is null where the other is in another call. */
  | { readonly type: 'reseat'; readonly caller: Place; readonly contact: Place | null }
  /** Nobody is left for her in the transfer. */
  | { readonly type: 'transferOver'; readonly transferId: TransferId }
  | { readonly type: 'clock' };

export type DialOutput =
  | { readonly type: 'leg'; readonly leg: LegState; readonly output: LegOutput }
  | { readonly type: 'join'; readonly contact: Contact; readonly video: boolean }
  | { readonly type: 'enterConference'; readonly conference: Conference; readonly visitId: number }
  /** Said when the caller leaves it; not when it has let her go. */
  | { readonly type: 'leaveConference' }
  | { readonly type: 'enterTransfer'; readonly transferId: TransferId; readonly failed?: EndReason }
  /** She does not come back there: somebody has taken the call, or she has left. */
  | {
      readonly type: 'leaveTransfer';
      readonly transferId: TransferId;
      readonly why: 'answered' | 'left';
    }
  | Notification
  /** Always the last of a dial. */
  | { readonly type: 'ended'; readonly outcome: DialOutcome };

export type DialStep = Step<DialState, DialOutput>;

export interface DialRules {
  readonly limits: ScriptLimits;
  /** Names the next leg. */
  readonly newCallSid: () => CallSid;
  /** Names the next recording. */
  readonly newRecording: () => RecordingName;
}

/** When the dial next wants to hear of the clock; undefined once it is over. */
export function dialDeadlineMs(state: DialState): Millis | undefined {
  switch (state.phase.name) {
    case 'ringing':
      return earliest(state.phase.answerByMs, ...state.legs.map(legDeadlineMs));
    case 'joined':
    case 'visiting':
    case 'meeting':
      return state.phase.endsAtMs;
    case 'ended':
      return undefined;
  }
}

/** The leg that a device takes part in. */
export function legOfParty(state: DialState, party: PartyId): LegState | undefined {
  return state.legs.find((leg) => partiesOf(leg).some((contact) => contact.party === party));
}

/** The device that the caller is joined with. */
export function joinedContact(state: DialState): Contact | undefined {
  if (state.phase.name !== 'joined') return undefined;
  const { winner } = state.phase;
  const leg = state.legs.find((each) => each.sid === winner);
  return leg === undefined ? undefined : pickedUpBy(leg);
}

/** What became of a dial none of whose legs lives any more. */
export function outcomeOf(state: DialState): DialOutcome {
  const joined = state.phase.name === 'joined' ? state.phase : undefined;
  const sid = joined === undefined ? state.lastEnded : joined.winner;
  const leg = state.legs.find((each) => each.sid === sid && !isAlive(each));
  if (leg?.phase.name !== 'ended') {
    return { status: 'failed', reason: 'document-failed', bridged: false, durationMs: 0, ringMs: 0 };
  }
  const { status, reason, endedMs, durationMs, away } = leg.phase;
  const rangUntilMs = endedMs - durationMs;
  const ended = {
    reason,
    legSid: leg.sid,
    durationMs,
    ringMs: leg.rangMs === undefined ? 0 : rangUntilMs - leg.rangMs,
    ...(away === undefined ? {} : { away }),
    ...(state.verb.ringTone === undefined ? {} : { ringTone: state.verb.ringTone }),
  };
  if (joined !== undefined) return { ...ended, status, bridged: true, answeredBy: joined.person };
  // D5: picked up and declined in screening is, for the caller, nobody answering.
  return {
    ...ended,
    status: status === 'completed' ? 'no-answer' : status,
    bridged: state.bridgedMs !== undefined,
  };
}
