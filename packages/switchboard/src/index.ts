export {
  CALL_LIMITS,
  callDeadlineMs,
  callStatus,
  ringingFor,
  startCall,
  stepCall,
  type Application,
  type CallFacts,
  type CallInput,
  type CallRules,
  type CallState,
  type CallStep,
  type CallerPhase,
  type DeviceInput,
} from './call.ts';
export type { CallNotice, CallOutput, LegChange } from './call-output.ts';
export type { CallStatus, FinalStatus } from './call-status.ts';
export type { CallerEnd } from './caller-end.ts';
export {
  joinedContact,
  legOfParty,
  type DialOutcome,
  type DialPhase,
  type DialState,
} from './dial.ts';
export { Driver, type DriverOptions, type World } from './drive.ts';
export { partiesOf, type Contact, type LegNoun, type LegPhase, type LegState } from './leg.ts';
export { earliest, type Millis, type Step } from './machine.ts';
export * from './media-plane.ts';
export { SCRIPT_LIMITS, type DocumentRequest, type ScriptFault, type ScriptLimits } from './script.ts';
export * from './session.ts';
export { API_VERSION, type FormFields } from './voice-request.ts';
