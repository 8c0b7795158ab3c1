/**
 * The wire between SDK and gateway: every message once, validated, versioned.
 *
 * @module @parley/protocol
 */
export * from './ids.ts';
export { WIRE_LIMITS } from './limits.ts';
export { SUBPROTOCOL, WIRE_VERSION } from './version.ts';
export { END_REASONS, EndReason, EndedBy } from './end-reason.ts';
export { WIRE_ERRORS, type WireErrorName } from './wire-error-table.ts';
export { WireError, wireError } from './wire-error.ts';
export { CLOSE_CODES, mayRetryAfter, type CloseCodeName } from './close-code.ts';
export { SUSPENDED_CLOSE_CODE } from './page-close.ts';
export * from './media.ts';
export * from './client-message.ts';
export * from './server-message.ts';
export * from './push.ts';
export { decodeClientMessage, decodeServerMessage, encodeMessage, type Decoded } from './codec.ts';
