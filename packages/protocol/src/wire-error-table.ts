/**
 * What the gateway refuses, and under which number. Where Twilio has a number of the same meaning, it is
 * Twilio's, because people have it in their `switch` statements; ours begin at 60000.
 */
export const WIRE_ERRORS = {
  'token-invalid': {
    code: 20101,
    retryable: false,
    help: 'Mint a new token; check its key, algorithm and grants.',
  },
  'token-expired': { code: 20104, retryable: false, help: 'Mint a new token and call updateToken().' },
  'token-not-yet-valid': {
    code: 20105,
    retryable: true,
    help: 'Compare the clocks of the token server and the gateway.',
  },
  forbidden: {
    code: 31201,
    retryable: false,
    help: 'Give the token the grant for this, or allow it in the gateway.',
  },
  'rate-limited': { code: 31206, retryable: true, help: 'Wait for retryAfterMs and try again.' },
  'malformed-frame': {
    code: 31100,
    retryable: false,
    help: 'Use the SDK of the same major version as the gateway.',
  },
  'unknown-message': {
    code: 31101,
    retryable: false,
    help: 'The gateway is older than this SDK; upgrade it.',
  },
  'unknown-call': { code: 31404, retryable: false, help: 'The call is over, or was never this device’s.' },
  'wrong-state': {
    code: 60001,
    retryable: false,
    help: 'The call is not in a state in which this can be done.',
  },
  'not-registered': { code: 60002, retryable: false, help: 'Say hello first.' },
  'too-many': {
    code: 60003,
    retryable: true,
    help: 'A ceiling of the gateway is reached; end a call or a session first.',
  },
  'media-failed': { code: 53405, retryable: true, help: 'No media path; a TURN server may help.' },
  draining: {
    code: 60004,
    retryable: true,
    help: 'This gateway takes no new calls; connect again to reach another.',
  },
  'unsupported-version': {
    code: 60005,
    retryable: false,
    help: 'Use an SDK and a gateway of the same major version.',
  },
  'resume-refused': { code: 60006, retryable: false, help: 'The session is gone; register again.' },
  'hold-refused': {
    code: 60011,
    retryable: false,
    help: 'Hold somebody this device is joined with; leave a conference, or mute.',
  },
  'transfer-refused': {
    code: 60012,
    retryable: false,
    help: 'Hand over whom this device is joined with, if token and gateway allow it.',
  },
  'video-refused': {
    code: 60013,
    retryable: false,
    help: 'Ask somebody this device is joined with, and one question at a time.',
  },
  'message-too-large': { code: 31212, retryable: false, help: 'Send at most 10 KiB at once.' },
  internal: { code: 53000, retryable: true, help: 'The gateway failed; its log has the reason.' },
} as const satisfies Record<
  string,
  { readonly code: number; readonly retryable: boolean; readonly help: string }
>;

export type WireErrorName = keyof typeof WIRE_ERRORS;
