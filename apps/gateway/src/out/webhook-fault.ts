import { notifications } from '@parley/rcml';
import { errors } from 'undici';
import { AddressRefused } from './address-guard.ts';
import type { FormParams } from './form-params.ts';
import type { RetryCause } from './url-overrides.ts';

/** Why a request had no success. `code` is from the table of `@parley/rcml`. */
export interface WebhookFault {
  readonly code: number;
  readonly message: string;
  /** The URL that failed, after redirects, without what follows `#` and without credentials. */
  readonly url: string;
  /** What follows is of the answer, where there was one. */
  readonly status?: number;
  readonly headers?: FormParams;
  readonly body?: Buffer;
  /** Which policy would try it again. */
  readonly cause?: RetryCause;
}

type Reading = Pick<WebhookFault, 'code' | 'message' | 'cause'>;

/** Says in our words what the platform reported about an exchange that did not come to its end. */
export function readFault(error: unknown): Reading {
  const reason = rootOf(error);
  const code = codeOf(reason);
  if (reason instanceof AddressRefused)
    return { code: notifications.refusedByPolicy.code, message: reason.message };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') {
    return {
      code: notifications.hostNameUnknown.code,
      message: 'The host name cannot be resolved.',
      cause: 'ct',
    };
  }
  if (isTlsCode(code)) {
    return { code: notifications.tlsFailed.code, message: `The TLS handshake failed (${code}).` };
  }
  if (reason instanceof errors.HTTPParserError) {
    return { code: notifications.httpViolation.code, message: 'The answer is not HTTP.' };
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return { code: notifications.httpViolation.code, message: 'The headers of the answer are too large.' };
  }
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return { code: notifications.httpViolation.code, message: 'The answer is not as long as it says.' };
  }
  return { code: notifications.connectionFailed.code, ...connectionReading(code) };
}

function connectionReading(code: string): Omit<Reading, 'code'> {
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return { message: 'The server could not be reached in time.', cause: 'ct' };
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return { message: 'The server was silent for too long.', cause: 'rt' };
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
      return { message: 'The server closed the connection before it had answered.', cause: 'ct' };
    case 'ECONNREFUSED':
      return { message: 'The server refused the connection.', cause: 'ct' };
    default:
      return { message: `No connection to the server (${code === '' ? 'unknown' : code}).`, cause: 'ct' };
  }
}

/** Several addresses may have been tried; the first failure speaks for all. */
function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors[0];
  if (error instanceof Error && error.cause instanceof Error && codeOf(error) === '') return error.cause;
  return error;
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

function isTlsCode(code: string): boolean {
  return (
    code === 'EPROTO' ||
    /^ERR_(?:TLS|SSL|OSSL)_|CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_CA$|^INVALID_PURPOSE$/.test(code)
  );
}
