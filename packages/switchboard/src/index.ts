export type { CallNotice, CallOutput, LegChange } from './call-output.ts';
export {
  CALL_LIMITS,
  callDeadlineMs,
  callStatus,
  ringingFor,
  type Application,
  type CallFacts,
  type CallInput,
  type CallRules,
  type CallState,
  type CallStep,
  type DeviceInput,
  type LegModification,
  type OwedCallback,
} from './call-state.ts';
export type { CallStatus, FinalStatus } from './call-status.ts';
export type { EndTone } from './caller-end.ts';
export { startAnsweredCall, startCall, startSeatedCall, stepCall } from './call.ts';
export {
  PARTICIPANTS_MAX,
  type ConferenceEndCause,
  type ConferenceExit,
  type ConferenceHappening,
  type ConferenceInput,
  type ConferenceOutput,
  type ConferenceState,
  type ConferenceStep,
  type Entrant,
  type Participant,
  type ParticipantUpdate,
} from './conference-state.ts';
export { openConference, stepConference } from './conference.ts';
export type { Hearing } from './gather.ts';
export { Driver, type DriverOptions, type World } from './drive.ts';
export type { Away, Contact } from './leg-state.ts';
export {
  isHeardByApplication,
  openLegMessages,
  stepLegMessages,
  type LegMessagesInput,
  type LegMessagesOutput,
  type LegMessagesState,
  type Made,
} from './leg-messages.ts';
export {
  outboundDeadlineMs,
  outboundRingingFor,
  startOutboundCall,
  stepOutboundCall,
  type OutboundCallState,
  type OutboundOrder,
} from './outbound-call.ts';
export type { Millis, Step } from './machine.ts';
export * from './media-plane.ts';
export type { Place, TransferId } from './meeting.ts';
export {
  openAttendedTransfer,
  openBlindTransfer,
  stepTransfer,
  type TransferInput,
  type TransferOutput,
  type TransferState,
} from './transfer.ts';
export { handsOver, type HandsOver } from './hands-over.ts';
export {
  openTalk,
  standingOf,
  stepTalk,
  talkDeadlineMs,
  type TalkInput,
  type TalkLimits,
  type TalkOutput,
  type TalkState,
} from './talk.ts';
export {
  isEmptyRecording,
  recordParams,
  type RecordingName,
  type RecordingOrder,
  type RecordingSource,
  type RecordingTerms,
} from './recording-order.ts';
export type { Beep } from './record-verb.ts';
export * from './recording-plane.ts';
export { musicAt, type Music, type MusicSource } from './music.ts';
export { SCRIPT_LIMITS, type Audible, type DocumentRequest, type ScriptFault } from './script-state.ts';
export * from './session.ts';
export {
  endWait,
  startWait,
  stepWait,
  waitDeadlineMs,
  type WaitInput,
  type WaitOutput,
  type WaitState,
} from './wait.ts';
export { API_VERSION, type CallDirection, type FormFields, type LegFacts } from './voice-request.ts';
