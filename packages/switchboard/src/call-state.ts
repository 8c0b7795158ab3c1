import type { CallParams, CallSid, EndReason } from '@parley/protocol';
import type { Document, HttpMethod } from '@parley/rcml';
import type { CallOutput } from './call-output.ts';
import type { CallStatus } from './call-status.ts';
import type { CallerEnd } from './caller-end.ts';
import type { ConferenceExit } from './conference-state.ts';
import type { CallRecording } from './call-recordings.ts';
import { dialDeadlineMs, type DialOutcome, type DialState } from './dial-state.ts';
import type { Hearing } from './gather.ts';
import type { Contact, LegInput } from './leg-state.ts';
import { earliest, type Millis, type Step } from './machine.ts';
import type { Place, TransferId } from './meeting.ts';
import type { PartyId } from './media-plane.ts';
import type { RecordingName, RecordingTerms } from './recording-order.ts';
import type { RecordingEnd } from './recording-plane.ts';
import {
  SCRIPT_LIMITS,
  scriptDeadlineMs,
  type ScriptFault,
  type ScriptLimits,
  type ScriptState,
} from './script-state.ts';
import type { LegFacts } from './voice-request.ts';

/**
 * A call: the caller, the application's documents that run on her leg, and the dial in which she is at the moment.
 *
 *            Say Play Gather Conference · joined · answerOnBridge="false"
 *   calling ──────────────────────────────────────────────────► answered
 *      │  document over · Reject · Hangup                          │  document over · Hangup
 *      │  · caller gave up · document failed · terminated          │  · caller hung up · …
 *      └───────────────────────────────────────────────────────────┴──────────────► ended
 *
 * The caller's leg ends once; her dial, her document and everybody who rings for her end in the same step, so that
 * an ended call holds nothing. Until then it has a deadline.
 */
export interface CallState {
  readonly facts: CallFacts;
  readonly caller: CallerPhase;
  readonly script: ScriptState;
  /** The dial that runs now, or null. */
  readonly dial: DialState | null;
  /** What is recorded of it now, beside what a `<Record>` records. */
  readonly recordings: readonly CallRecording[];
  /** How the last dial ended: the reason for a caller whom nobody answered (D15). */
  readonly lastDial?: DialOutcome;
  readonly endsByMs: Millis;
}

export type CallerPhase =
  | { readonly name: 'calling' }
  | { readonly name: 'answered'; readonly answeredMs: Millis }
  | { readonly name: 'ended'; readonly end: CallerEnd };

/** What does not change while the call lives. */
export interface CallFacts extends LegFacts {
  /** The device whose leg the document runs on. */
  readonly caller: Contact;
  readonly params: CallParams;
  readonly video: boolean;
  readonly application: Application | null;
  /** The callback that is still owed at its end, for a leg that was rung. */
  readonly owed?: OwedCallback;
  /** Callbacks that the leg has fired before it became this call's. */
  readonly fired?: number;
  /** Where something else than `callMaxMs` limits it. */
  readonly endsByMs?: Millis;
  /** It is recorded from its answer on. */
  readonly recorded?: RecordingTerms;
}

/** `completed` is fired whatever the end (CL8), also of a leg that has become a call of its own. */
export interface OwedCallback {
  readonly url: string;
  readonly base: string;
  readonly method: HttpMethod;
  readonly sequence: number;
}

/** What decides about the call. */
export type Application =
  | {
      readonly type: 'url';
      readonly url: string;
      readonly method: HttpMethod;
      readonly fallback?: { readonly url: string; readonly method: HttpMethod };
      /** Its own sid, where it has one; kept with the call. */
      readonly sid?: string;
    }
  /** A document that is there already; its relative URLs resolve against `base`. */
  | { readonly type: 'document'; readonly document: Document; readonly base: string };

export interface CallRules {
  readonly newCallSid: () => CallSid;
  /** Names the next recording. */
  readonly newRecording: () => RecordingName;
  readonly limits: ScriptLimits;
  /** How long any call may last, whatever its document says. */
  readonly callMaxMs: Millis;
}

export const CALL_LIMITS = { limits: SCRIPT_LIMITS, callMaxMs: 24 * 3_600_000 } as const;

export type CallInput =
  | {
      readonly type: 'documentFetched';
      readonly leg: CallSid;
      readonly fetchId: number;
      readonly document: Document;
      readonly foundAt: string;
    }
  | {
      readonly type: 'documentFailed';
      readonly leg: CallSid;
      readonly fetchId: number;
      readonly fault: ScriptFault;
    }
  | {
      readonly type: 'devicesFound';
      readonly leg: CallSid;
      readonly contacts: readonly Contact[];
      readonly hasDeclined?: boolean;
    }
  | { readonly type: 'deviceAppeared'; readonly leg: CallSid; readonly contact: Contact }
  | { readonly type: 'played'; readonly leg: CallSid; readonly playId: number }
  | { readonly type: 'heard'; readonly leg: CallSid; readonly listenId: number; readonly hearing: Hearing }
  | { readonly type: 'conferenceLeft'; readonly visitId: number; readonly why: ConferenceExit }
  /** One of two who are joined hands the other over; does nothing where they are not joined any more. */
  | { readonly type: 'reseat'; readonly caller: Place; readonly contact: Place | null }
  /** Nobody is left for the caller in the transfer; or somebody has taken whom she has handed over. */
  | {
      readonly type: 'transferOver';
      readonly transferId: TransferId;
      readonly how: 'left' | 'transferred';
    }
  | { readonly type: 'digits'; readonly party: PartyId; readonly digits: string }
  | { readonly type: 'device'; readonly party: PartyId; readonly input: DeviceInput }
  /** The gateway ends the call: drain, a ceiling, its own failure. */
  | { readonly type: 'terminate'; readonly reason: EndReason }
  /** REST changes a leg of this call; what cannot be done to it now does nothing. */
  | { readonly type: 'modify'; readonly leg: CallSid; readonly change: LegModification }
  /** A leg is to be recorded; that a recording has begun is heard from its output. */
  | {
      readonly type: 'record';
      readonly leg: CallSid;
      readonly recording: RecordingName;
      readonly terms: RecordingTerms;
    }
  /** A recording is over, or never began; told once of each. */
  | {
      readonly type: 'recordingEnded';
      readonly leg: CallSid;
      readonly recordingSid: string;
      readonly end: RecordingEnd;
    }
  | { readonly type: 'clock' };

/** What REST can do to a leg (D25, D27). */
export type LegModification =
  | { readonly type: 'end' }
  | {
      readonly type: 'document';
      readonly application: Application;
      /** Told at the end instead of whatever was to be told. */
      readonly owed?: Omit<OwedCallback, 'sequence'>;
    };

/** What a device says or suffers. */
export type DeviceInput =
  Extract<LegInput, { party: PartyId }> extends infer Input
    ? Input extends { party: PartyId }
      ? Omit<Input, 'party'>
      : never
    : never;

export type CallStep = Step<CallState, CallOutput>;

/** When the call next wants to hear of the clock; undefined once it is over. */
export function callDeadlineMs(state: CallState): Millis | undefined {
  if (state.caller.name === 'ended') return undefined;
  return earliest(
    state.endsByMs,
    scriptDeadlineMs(state.script),
    state.dial === null ? undefined : dialDeadlineMs(state.dial),
  );
}

/** The status of the caller's leg now. */
export function callStatus(state: CallState): CallStatus {
  switch (state.caller.name) {
    case 'calling':
      return 'ringing';
    case 'answered':
      return 'in-progress';
    case 'ended':
      return state.caller.end.status;
  }
}

/** The legs that ring for a name, so that a device that registers meanwhile can join in (D3). */
export function ringingFor(state: CallState, identity: string): readonly CallSid[] {
  const { dial } = state;
  if (dial?.phase.name !== 'ringing') return [];
  return dial.legs
    .filter(({ noun, phase, sid }) => {
      const isWanted = noun.noun === 'Client' && noun.target === identity;
      return isWanted && phase.name === 'ringing' && !dial.alongside.has(sid);
    })
    .map((leg) => leg.sid);
}
