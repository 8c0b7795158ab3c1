/**
 * Why the gateway closed a socket. `retry` tells the SDK whether connecting again, unchanged, could help; every
 * code that is not in this table means: try again with back-off.
 */
export const CLOSE_CODES = {
  malformedFrame: { code: 4400, retry: false, reason: 'a frame was not valid' },
  tokenRefused: { code: 4401, retry: false, reason: 'the token was refused' },
  tokenExpired: { code: 4402, retry: false, reason: 'the token has expired' },
  forbidden: { code: 4403, retry: false, reason: 'this origin, address or identity may not connect' },
  helloTimeout: { code: 4408, retry: true, reason: 'no valid hello in time' },
  replaced: { code: 4409, retry: false, reason: 'the session was resumed on another socket' },
  frameTooLarge: { code: 4413, retry: false, reason: 'a frame was too large' },
  unsupportedVersion: { code: 4426, retry: false, reason: 'this version of the wire is not spoken here' },
  tooMany: { code: 4429, retry: true, reason: 'too many sockets, sessions or frames' },
  slowReader: { code: 4430, retry: true, reason: 'the device does not read what it is sent' },
  heartbeatLost: { code: 4431, retry: true, reason: 'no sign of life from the page' },
  draining: { code: 4503, retry: true, reason: 'the gateway is going out of service' },
  internal: { code: 4500, retry: true, reason: 'the gateway failed' },
} as const satisfies Record<
  string,
  { readonly code: number; readonly retry: boolean; readonly reason: string }
>;

export type CloseCodeName = keyof typeof CLOSE_CODES;

const NO_RETRY: ReadonlySet<number> = new Set(
  Object.values(CLOSE_CODES)
    .filter((entry) => !entry.retry)
    .map((entry) => entry.code),
);

/** Whether a socket closed with this code may be opened again without changing anything. */
export function mayRetryAfter(closeCode: number): boolean {
  return !NO_RETRY.has(closeCode);
}
