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
} from './call-state.ts';
export type { CallStatus, FinalStatus } from './call-status.ts';
export { startCall, stepCall } from './call.ts';
export { Driver, type DriverOptions, type World } from './drive.ts';
export type { Contact } from './leg-state.ts';
export type { Millis, Step } from './machine.ts';
export * from './media-plane.ts';
export type { DocumentRequest, ScriptFault } from './script-state.ts';
export * from './session.ts';
export { API_VERSION, type FormFields } from './voice-request.ts';
