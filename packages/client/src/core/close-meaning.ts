import type { ClientErrorName } from '../errors.ts';

/** What a close code means here, and whether connecting again, unchanged, could help. */
interface CloseMeaning {
  /** Absent: lost, like any other connection. */
  readonly name?: ClientErrorName;
  readonly retry: boolean;
}

/** Codes that are not here mean: try again with back-off. Kept equal to the protocol's table by a test. */
export const CLOSE_MEANINGS: Readonly<Record<number, CloseMeaning>> = {
  4400: { name: 'malformed-frame', retry: false },
  4401: { name: 'token-invalid', retry: false },
  4402: { name: 'token-expired', retry: false },
  4403: { name: 'forbidden', retry: false },
  4409: { retry: false },
  4413: { name: 'malformed-frame', retry: false },
  4426: { name: 'unsupported-version', retry: false },
  4429: { name: 'rate-limited', retry: true },
  4503: { name: 'draining', retry: true },
};
