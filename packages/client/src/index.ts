/**
 * Call people by name from a web page, with audio and video: `Device` registers, places and answers; `Call` is a call.
 *
 * @module @parley/client
 */
export { Device } from './device.ts';
export { Call } from './call.ts';
export type * from './api.ts';
export {
  ClientError,
  type ClientErrorCode,
  type ClientErrorName,
  type ErrorCategory,
  type ErrorFacts,
} from './errors.ts';
export type { LogLevel, Logger, LogFacts } from './log.ts';
export type { Listenable, Listener, ListenOptions } from './emitter.ts';
export type { Platform } from './platform.ts';
