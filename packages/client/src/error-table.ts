/** Where to look for the cause. */
export type ErrorCategory = 'auth' | 'signaling' | 'media' | 'device' | 'call' | 'usage' | 'server';

/**
 * `again`: the same thing, asked again, could succeed. `over`: nothing more will happen by itself: the device is
 * unregistered, or the call is over.
 */
type Outlook = '' | 'again' | 'over';

export type ErrorEntry = readonly [
  code: number,
  category: ErrorCategory,
  outlook: Outlook,
  cause: string,
  solution: string,
];

const SAME_VERSION = 'Use SDK and gateway of one major version.';

/** What may be wrong with a microphone, and with a camera; either stands for `%`. */
const DEVICE_TROUBLES = [
  ['denied', '', 'The % was refused.', 'Allow it in the site settings.'],
  ['dismissed', 'again', 'The question for the % was closed.', 'Ask again.'],
  ['in-use', 'again', 'Another program has the %.', 'Close the other program.'],
  ['not-found', 'again', 'There is no %.', 'Plug one in, or go on without.'],
  ['failed', 'again', 'The browser could not open the %.', 'Try another one.'],
] as const satisfies readonly (readonly [string, Outlook, string, string])[];

/**
 * Every error, by name. Numbers are Twilio's where the meaning is equal, because people have them in their `switch`
 * statements; ours begin at 60000. A cause that is empty is told by the gateway, in the error's message.
 */
export const ERRORS = {
  ...deviceErrors('microphone', [31401, 61001, 61002, 61003, 31402]),
  ...deviceErrors('camera', [61011, 61012, 61013, 61014, 61015]),
  'insecure-context': [61021, 'device', '', 'The page is not served over https.', 'Use https, or localhost.'],
  'connection-lost': [53001, 'signaling', 'again', 'The network is away.', 'Wait: the SDK tries again.'],
  'connection-failed': [53000, 'signaling', 'again', 'No gateway at this address.', 'Check the url.'],
  'token-unavailable': [61031, 'auth', 'again', 'The token provider failed.', 'Look at its own error.'],
  'no-media-engine': [
    61041,
    'media',
    'again',
    'The media engine could not be loaded.',
    'Check the bundle and its CSP.',
  ],
  'no-relay': [61043, 'media', '', 'The gateway has no TURN server.', 'Set one up, or allow other ways.'],
  'unsupported-browser': [61042, 'media', '', 'This browser has no usable WebRTC.', 'Use a current browser.'],
  'incoming-not-allowed': [
    61051,
    'auth',
    '',
    'The token has no incoming grant.',
    'Mint it with incoming.allow.',
  ],
  'call-ended': [61061, 'call', '', 'The call was over first.', 'Read `call.ended`.'],
  'answered-elsewhere': [61062, 'call', '', 'Another device was faster.', ''],
  timeout: [61063, 'signaling', 'again', 'The gateway did not answer in time.', 'Try again.'],
  aborted: [61071, 'usage', '', 'The signal was aborted.', ''],
  destroyed: [61072, 'usage', 'over', 'The device was destroyed.', 'Make a new Device.'],
  'invalid-argument': [31011, 'usage', '', '', 'Read the documentation of the option named.'],
  unknown: [31000, 'server', '', 'The gateway is newer than this SDK.', 'Upgrade the SDK.'],

  // What the gateway refuses: the names, numbers and hopes of the protocol's table, to which a test keeps them equal.
  'token-invalid': [20101, 'auth', 'over', '', 'Mint a new token; check its key, algorithm and grants.'],
  'token-expired': [20104, 'auth', 'over', '', 'Mint a new token and call updateToken().'],
  'token-not-yet-valid': [20105, 'auth', 'again', '', 'Compare the clocks of token server and gateway.'],
  forbidden: [31201, 'auth', 'over', '', 'Grant it in the token, or allow it in the gateway.'],
  'rate-limited': [31206, 'signaling', 'again', '', 'Wait for retryAfterMs and try again.'],
  'malformed-frame': [31100, 'signaling', '', '', SAME_VERSION],
  'unknown-message': [31101, 'signaling', '', '', 'Upgrade the gateway: it is older than this SDK.'],
  'unknown-call': [31404, 'call', '', '', 'The call is over, or was never this device’s.'],
  'wrong-state': [60001, 'call', '', '', 'Look at the state of the call first.'],
  'not-registered': [60002, 'signaling', '', '', 'Say hello first.'],
  'too-many': [60003, 'signaling', 'again', '', 'End a call or a session first.'],
  'media-failed': [53405, 'media', 'again', 'No media path to the gateway.', 'A TURN server may help.'],
  draining: [60004, 'server', 'again', '', 'Connect again to reach another gateway.'],
  'unsupported-version': [60005, 'signaling', 'over', '', SAME_VERSION],
  'resume-refused': [60006, 'signaling', '', '', 'Register again: the session is gone.'],
  internal: [53000, 'server', 'again', '', 'Read the log of the gateway.'],
} as const satisfies Readonly<Record<string, ErrorEntry>>;

type DeviceErrorName<Device extends string> = `${Device}-${(typeof DEVICE_TROUBLES)[number][0]}`;

function deviceErrors<Device extends 'microphone' | 'camera'>(device: Device, codes: readonly number[]) {
  const entries = DEVICE_TROUBLES.map(([why, outlook, cause, solution], index) => [
    `${device}-${why}`,
    [codes[index], 'device', outlook, cause.replace('%', device), solution],
  ]);
  return Object.fromEntries(entries) as Readonly<Record<DeviceErrorName<Device>, ErrorEntry>>;
}
