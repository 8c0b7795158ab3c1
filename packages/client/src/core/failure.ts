import { CLOSE_CODES, type WireError } from '@parley/protocol';
import type { ClientErrorName } from '../errors.ts';

/** What went wrong, as data. The shell makes a ClientError of it for those who listen. */
export interface Failure {
  readonly name: ClientErrorName;
  readonly message: string;
}

interface Close {
  readonly code: number;
  readonly reason: string;
  /** What the gateway had said before. */
  readonly complaint: WireError | null;
  readonly wasOnline: boolean;
}

/** What a close code means for this device. */
export function failureOfClose({ code, reason, complaint, wasOnline }: Close): Failure {
  const message = complaint?.message ?? (reason === '' ? `the socket was closed with code ${code}` : reason);
  switch (code) {
    case CLOSE_CODES.tokenRefused.code:
      return { name: 'token-invalid', message };
    case CLOSE_CODES.tokenExpired.code:
      return { name: 'token-expired', message };
    case CLOSE_CODES.forbidden.code:
      return { name: 'forbidden', message };
    case CLOSE_CODES.unsupportedVersion.code:
      return { name: 'unsupported-version', message };
    case CLOSE_CODES.malformedFrame.code:
    case CLOSE_CODES.frameTooLarge.code:
      return { name: 'malformed-frame', message };
    case CLOSE_CODES.tooMany.code:
      return { name: 'rate-limited', message };
    case CLOSE_CODES.draining.code:
      return { name: 'draining', message };
    default:
      return { name: wasOnline ? 'connection-lost' : 'connection-failed', message };
  }
}
