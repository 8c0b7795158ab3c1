import type { WireError } from '@parley/protocol';
import type { ClientErrorName } from '../errors.ts';
import { CLOSE_MEANINGS } from './close-meaning.ts';

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
  const name = CLOSE_MEANINGS[code]?.name ?? (wasOnline ? 'connection-lost' : 'connection-failed');
  return { name, message };
}

/** Whether a socket closed with this code may be opened again without changing anything. */
export function mayRetryAfter(code: number): boolean {
  return CLOSE_MEANINGS[code]?.retry ?? true;
}
