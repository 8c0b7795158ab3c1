import type { Dial, Document, Gather, HttpMethod, Play, Record, Reject, Say, Verb } from '@parley/rcml';
import type { GatherState, Hearing } from './gather.ts';
import type { Millis, Step } from './machine.ts';
import type { Notification } from './notification.ts';
import type { Beep, RecordState } from './record-verb.ts';
import type { RecordingName } from './recording-order.ts';
import type { RecordingEnd } from './recording-plane.ts';

/**
 * A script runs documents on one leg, verb after verb.
 *
 *             fetched                 Say Play · Gather · Record · Pause · Dial
 *   fetching ─────────► (next verb) ─────────────────────────────────► playing · gathering · recording · pausing · dialing
 *      ▲  │                  ▲   │                                            │
 *      │  │ failed           └───┼── played · recorded · timed out · dial over ┤
 *      │  └─► fallback, once     │                                            │
 *      └─────────────────────────┼── Redirect · action ───────────────────────┘
 *                                └─► ended: finished · hangup · reject · failed · forbidden verb
 *
 * The caller's application runs on her leg; a screening document runs on a callee's (CL4), where `<Dial>` is
 * forbidden. The script knows no leg and no media: it says what is to be heard and is told when that is over. Every
 * state but the last has a deadline; that of `dialing` is the dial's own.
 */
export interface ScriptState {
  readonly phase: ScriptPhase;
  /** Where the current document was found; relative URLs resolve there (D20). */
  readonly base: string;
  readonly baseMethod: HttpMethod;
  readonly verbs: readonly Verb[];
  /** Index of the verb that comes after the current one. */
  readonly next: number;
  /** When the current verb began. */
  readonly verbBeganMs: Millis;
  /** Documents since the last verb that took time (D21). */
  readonly documents: number;
  /** Numbers fetches and plays, so that a late answer to an abandoned one is known. */
  readonly serial: number;
  /** Keys pressed before anybody asked. */
  readonly typedAhead: string;
}

export type ScriptPhase =
  | {
      readonly name: 'fetching';
      readonly fetchId: number;
      readonly request: DocumentRequest;
      readonly isFallback: boolean;
      readonly deadlineMs: Millis;
    }
  | { readonly name: 'playing'; readonly playId: number; readonly deadlineMs: Millis }
  | { readonly name: 'pausing'; readonly deadlineMs: Millis }
  | { readonly name: 'gathering'; readonly gather: GatherState }
  | { readonly name: 'recording'; readonly record: RecordState }
  | { readonly name: 'dialing'; readonly verb: Dial }
  | { readonly name: 'ended'; readonly how: ScriptEnd };

export type ScriptEnd =
  | { readonly type: 'finished' }
  | { readonly type: 'hangup' }
  | { readonly type: 'reject'; readonly reason: Reject['reason'] }
  /** The document could not be had, or went on for ever. */
  | { readonly type: 'failed'; readonly fault: ScriptFault }
  /** The one who ran it ended it. */
  | { readonly type: 'aborted' };

export interface ScriptFault {
  readonly code: number;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  /** What was really asked, as the fallback is told in `ErrorUrl`; without it, the URL as written. */
  readonly url?: string;
}

/** A document to be asked for. `written` is the URL as the document before has it; the shell resolves it. */
export interface DocumentRequest {
  readonly written: string;
  readonly base: string;
  readonly method: HttpMethod;
  /** What goes with it beside the parameters of every voice request. */
  readonly params: readonly (readonly [string, string])[];
}

export interface ScriptRules {
  /** The caller's application, a document on a callee's leg before she is joined, or one for somebody who waits. */
  readonly role: 'application' | 'screening' | 'waiting';
  /** Whether the leg counts as answered; `<Reject>` has no effect then (D14). */
  readonly answered: boolean;
  /** Asked once when any document fails; screening documents have none (D19). */
  readonly fallback?: { readonly url: string; readonly base: string; readonly method: HttpMethod };
  readonly limits: ScriptLimits;
  /** Names the next recording. */
  readonly newRecording: () => RecordingName;
}

export interface ScriptLimits {
  /** How long the shell may take for a document, retries and redirects included. */
  readonly fetchTimeoutMs: number;
  /** How long anything may be played, also `loop="0"`. */
  readonly playMaxMs: number;
  readonly documentsInARowMax: number;
  /** A verb that was over sooner did not take time (D21): a dial of nobody, a prompt that could not be played. */
  readonly takesTimeMs: number;
  readonly typedAheadMax: number;
  /** Keys of one `<Gather>`; it is over when there are so many. */
  readonly gatheredMax: number;
  /** From the first word of a `<Gather>` to what was understood. */
  readonly hearingMaxMs: number;
  /** How often one `<Gather>` tells what was understood so far. */
  readonly partialsMax: number;
}

export const SCRIPT_LIMITS: ScriptLimits = {
  fetchTimeoutMs: 20_000,
  playMaxMs: 4 * 3_600_000,
  documentsInARowMax: 25,
  takesTimeMs: 100,
  typedAheadMax: 64,
  gatheredMax: 256,
  hearingMaxMs: 75_000,
  partialsMax: 100,
};

export type ScriptInput =
  | {
      readonly type: 'documentFetched';
      readonly fetchId: number;
      readonly document: Document;
      readonly foundAt: string;
    }
  | { readonly type: 'documentFailed'; readonly fetchId: number; readonly fault: ScriptFault }
  | { readonly type: 'played'; readonly playId: number }
  | { readonly type: 'digits'; readonly digits: string }
  | { readonly type: 'heard'; readonly listenId: number; readonly hearing: Hearing }
  | { readonly type: 'dialEnded'; readonly params: readonly (readonly [string, string])[] }
  | { readonly type: 'recordingEnded'; readonly recordingSid: string; readonly end: RecordingEnd }
  | { readonly type: 'clock' };

export type ScriptOutput =
  | { readonly type: 'fetch'; readonly fetchId: number; readonly request: DocumentRequest }
  /** The call counts as answered from now on (D14). */
  | { readonly type: 'answer' }
  | { readonly type: 'play'; readonly playId: number; readonly prompt: Audible; readonly base: string }
  | { readonly type: 'stopPlaying'; readonly playId: number }
  /** Begin to write what the person says; answered by `recordingEnded`, however it ends. */
  | {
      readonly type: 'startRecording';
      readonly recording: RecordingName;
      readonly verb: Record;
      readonly base: string;
    }
  | { readonly type: 'stopRecording'; readonly recordingSid: string }
  /** Words are wanted; answered by `heard`. */
  | { readonly type: 'listen'; readonly listenId: number; readonly verb: Gather }
  | { readonly type: 'stopListening'; readonly listenId: number }
  /** Told, and the answer is not waited for. */
  | { readonly type: 'tellApplication'; readonly request: DocumentRequest }
  /** Always the last of a step. */
  | { readonly type: 'dial'; readonly verb: Dial; readonly base: string; readonly dialId: number }
  | Notification;

export type ScriptStep = Step<ScriptState, ScriptOutput>;

/** What can be heard. */
export type Audible = Say | Play | Beep;

/** When the script next wants to hear of the clock; undefined while it dials, and once it is over. */
export function scriptDeadlineMs(state: ScriptState): Millis | undefined {
  const { phase } = state;
  switch (phase.name) {
    case 'fetching':
    case 'playing':
    case 'pausing':
      return phase.deadlineMs;
    case 'gathering':
      return phase.gather.deadlineMs;
    case 'recording':
      return phase.record.deadlineMs;
    case 'dialing':
    case 'ended':
      return undefined;
  }
}
