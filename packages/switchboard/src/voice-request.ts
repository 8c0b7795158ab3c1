import type { CallSid, EndReason } from '@parley/protocol';
import type { LegEvent } from '@parley/rcml';
import type { CallStatus } from './call-status.ts';
import type { DialOutcome } from './dial-state.ts';
import type { Away, LegState } from './leg-state.ts';
import type { Millis } from './machine.ts';
import { recordingParams } from './recording-order.ts';

/** Names and values as they are sent, in order. */
export type FormFields = readonly (readonly [name: string, value: string])[];

/** The version of the REST API that documents are written against; RestComm's. */
export const API_VERSION = '2012-04-24';

/** Placed by a device, rung by a dial, or made by REST. */
export type CallDirection = 'inbound' | 'outbound-dial' | 'outbound-api';

/** What every request about a leg carries. */
export interface LegFacts {
  readonly sid: CallSid;
  readonly accountSid: string;
  readonly parentSid?: CallSid;
  /** As webhooks write it: `client:alice` or a number (D12). */
  readonly from: string;
  /** Of a call that a device places: what its page wrote, which only the application understands. */
  readonly to: string;
  readonly direction: CallDirection;
}

/** The parameters of a voice request (RCML "request"; rcml.md 4.2), without those of a single verb. */
export function voiceRequest(leg: LegFacts, status: CallStatus): FormFields {
  return [
    ['AccountSid', leg.accountSid],
    ['ApiVersion', API_VERSION],
    ['CallSid', leg.sid],
    ...(leg.parentSid === undefined ? [] : [['ParentCallSid', leg.parentSid] as const]),
    ['CallStatus', status],
    ['Direction', leg.direction],
    ['From', leg.from],
    ['Caller', leg.from],
    ['To', leg.to],
    ['Called', leg.to],
  ];
}

/** The names above and those the gateway adds to single requests: a caller's own parameters may not pretend to be one. */
const RESERVED: ReadonlySet<string> = new Set([
  'AccountSid',
  'ApiVersion',
  'CallSid',
  'ParentCallSid',
  'CallStatus',
  'Direction',
  'From',
  'Caller',
  'Called',
  'To',
  'Digits',
  'SpeechResult',
  'Confidence',
  'UnstableSpeechResult',
  'SequenceNumber',
  'ErrorCode',
  'ErrorUrl',
  'Video',
]);
const RESERVED_PREFIXES: readonly string[] = ['Dial', 'Recording', 'PublicRecording', 'Sip'];

/** The parameters a caller gave to `connect`, as the application sees them. `To` is told as the called party. */
export function callerParams(params: Readonly<Record<string, string>>): FormFields {
  return Object.entries(params).filter(
    ([name]) => !RESERVED.has(name) && !RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
}

/** What a dial's `action` learns beside the voice request (D8). */
export function dialParams(outcome: DialOutcome): FormFields {
  const { answeredBy } = outcome;
  // Nobody was rung, so there is no leg to tell of; Twilio says `answered`.
  if (outcome.isConference) return [['DialCallStatus', outcome.bridged ? 'answered' : outcome.status]];
  return [
    ['DialCallStatus', outcome.status],
    ['DialCallSid', outcome.legSid ?? ''],
    ['DialCallDuration', seconds(outcome.bridged ? outcome.durationMs : 0)],
    ['DialRingDuration', seconds(outcome.ringMs)],
    ['DialBridged', String(outcome.bridged)],
    ...(answeredBy === undefined ? [] : [['DialAnsweredBy', answeredBy.identity] as const]),
    ...(answeredBy?.deviceLabel === undefined
      ? []
      : [['DialAnsweredDevice', answeredBy.deviceLabel] as const]),
    ...(outcome.away === undefined ? [] : [['DialDeviceState', outcome.away] as const]),
    ...(outcome.recording === undefined ? [] : recordingParams(outcome.recording)),
  ];
}

/** What a status callback carries (CL7); the shell adds `Timestamp`, which is its clock's to say. */
export function callbackParams(
  facts: LegFacts,
  leg: LegState,
  event: LegEvent,
  sequence: number,
): FormFields {
  const { phase } = leg;
  if (event === 'completed' && phase.name === 'ended') return completedParams(facts, phase, sequence);
  return progressParams(facts, statusAt(leg, event), event, sequence);
}

/** What is told at the end of a leg, whichever call carries it by then. */
export function completedParams(
  facts: LegFacts,
  end: {
    readonly status: CallStatus;
    readonly reason: EndReason;
    readonly durationMs: Millis;
    readonly away?: Away;
  },
  sequence: number,
): FormFields {
  return [
    ...progressParams(facts, end.status, 'completed', sequence),
    ['CallDuration', seconds(end.durationMs)],
    ['EndReason', end.reason],
    ...(end.away === undefined ? [] : [['DeviceState', end.away] as const]),
  ];
}

function progressParams(facts: LegFacts, status: CallStatus, event: LegEvent, sequence: number): FormFields {
  return [
    ...voiceRequest(facts, status),
    ['CallbackSource', 'call-progress-events'],
    ['CallEvent', event],
    ['SequenceNumber', String(sequence)],
  ];
}

/** The true status of a leg when an event of its life is told. */
function statusAt(leg: LegState, event: LegEvent): CallStatus {
  switch (event) {
    case 'initiated':
      return 'initiated';
    case 'ringing':
      return 'ringing';
    case 'answered':
      return 'in-progress';
    case 'completed':
      return leg.phase.name === 'ended' ? leg.phase.status : 'completed';
  }
}

/** Whole seconds, rounded: what a bill and a report show. */
function seconds(ms: number): string {
  return String((ms - (ms % 1000)) / 1000 + (ms % 1000 >= 500 ? 1 : 0));
}
