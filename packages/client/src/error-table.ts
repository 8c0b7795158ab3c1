/** Where to look for the cause. */
export type ErrorCategory = 'auth' | 'signaling' | 'media' | 'device' | 'call' | 'usage' | 'server';

/**
 * `again`: the same thing, asked again, could succeed. `over`: nothing more will happen by itself: the device is
 * unregistered, or the call is over.
 */
type Outlook = 'again' | 'over';

export type ErrorEntry = readonly [code: number, category: ErrorCategory, outlook?: Outlook];

/**
 * Every error, by name. Numbers are Twilio's where the meaning is equal, because people have them in their `switch`
 * statements; ours begin at 60000. What a developer is told about each is in `error-advice.ts`, which is loaded later.
 */
export const ERRORS = {
  'microphone-denied': [31401, 'device'],
  'microphone-dismissed': [61001, 'device', 'again'],
  'microphone-in-use': [61002, 'device', 'again'],
  'microphone-not-found': [61003, 'device', 'again'],
  'microphone-failed': [31402, 'device', 'again'],
  'microphone-overconstrained': [61004, 'device'],
  'microphone-blocked': [61005, 'device'],
  'camera-denied': [61011, 'device'],
  'camera-dismissed': [61012, 'device', 'again'],
  'camera-in-use': [61013, 'device', 'again'],
  'camera-not-found': [61014, 'device', 'again'],
  'camera-failed': [61015, 'device', 'again'],
  'camera-overconstrained': [61016, 'device'],
  'camera-blocked': [61017, 'device'],
  'screen-denied': [61022, 'device', 'again'],
  'screen-failed': [61023, 'device', 'again'],
  'speaker-failed': [61024, 'device', 'again'],
  'sound-blocked': [61025, 'device', 'again'],
  'insecure-context': [61021, 'device'],
  'connection-lost': [53001, 'signaling', 'again'],
  'connection-failed': [53000, 'signaling', 'again'],
  'token-unavailable': [61031, 'auth', 'again'],
  'no-media-engine': [61041, 'media', 'again'],
  'unsupported-browser': [61042, 'media'],
  'no-relay': [61043, 'media'],
  'incoming-not-allowed': [61051, 'auth'],
  'call-ended': [61061, 'call'],
  'answered-elsewhere': [61062, 'call'],
  'transfer-failed': [61064, 'call', 'again'],
  timeout: [61063, 'signaling', 'again'],
  aborted: [61071, 'usage'],
  destroyed: [61072, 'usage', 'over'],
  'invalid-argument': [31011, 'usage'],
  unknown: [31000, 'server'],

  // What the gateway refuses: the names, numbers and hopes of the protocol's table, to which a test keeps them equal.
  'token-invalid': [20101, 'auth', 'over'],
  'token-expired': [20104, 'auth', 'over'],
  'token-not-yet-valid': [20105, 'auth', 'again'],
  forbidden: [31201, 'auth', 'over'],
  'rate-limited': [31206, 'signaling', 'again'],
  'malformed-frame': [31100, 'signaling'],
  'unknown-message': [31101, 'signaling'],
  'unknown-call': [31404, 'call'],
  'wrong-state': [60001, 'call'],
  'not-registered': [60002, 'signaling'],
  'too-many': [60003, 'signaling', 'again'],
  'media-failed': [53405, 'media', 'again'],
  draining: [60004, 'server', 'again'],
  'unsupported-version': [60005, 'signaling', 'over'],
  'resume-refused': [60006, 'signaling'],
  'hold-refused': [60011, 'call'],
  'transfer-refused': [60012, 'call'],
  'video-refused': [60013, 'call'],
  'message-too-large': [31212, 'usage'],
  internal: [53000, 'server', 'again'],
} as const satisfies Readonly<Record<string, ErrorEntry>>;
