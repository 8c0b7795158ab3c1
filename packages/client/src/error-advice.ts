import type { ErrorAdvice, ClientErrorName } from './errors.ts';

const SAME_VERSION = 'Use SDK and gateway of one major version.';

/**
 * What a developer is told about each error: what may have caused it, and what helps. It is loaded with what a call
 * needs, in the background, so that a page that only waits for a ring need not carry it. A cause that is empty is told
 * by the gateway, in the error's message.
 */
export const ADVICE: Readonly<Record<ClientErrorName, ErrorAdvice>> = {
  'microphone-denied': ['The microphone was refused.', 'Allow it in the site settings.'],
  'microphone-dismissed': ['The question for the microphone was closed.', 'Ask again.'],
  'microphone-in-use': ['Another program has the microphone.', 'Close the other program.'],
  'microphone-not-found': ['There is no microphone.', 'Plug one in, or go on without.'],
  'microphone-failed': ['The browser could not open the microphone.', 'Try another one.'],
  'camera-denied': ['The camera was refused.', 'Allow it in the site settings.'],
  'camera-dismissed': ['The question for the camera was closed.', 'Ask again.'],
  'camera-in-use': ['Another program has the camera.', 'Close the other program.'],
  'camera-not-found': ['There is no camera.', 'Plug one in, or go on without.'],
  'camera-failed': ['The browser could not open the camera.', 'Try another one.'],
  'insecure-context': ['The page is not served over https.', 'Use https, or localhost.'],
  'connection-lost': ['The network is away.', 'Wait: the SDK tries again.'],
  'connection-failed': ['No gateway at this address.', 'Check the url.'],
  'token-unavailable': ['The token provider failed.', 'Look at its own error.'],
  'no-media-engine': ['The media engine could not be loaded.', 'Check the bundle and its CSP.'],
  'unsupported-browser': ['This browser has no usable WebRTC.', 'Use a current browser.'],
  'no-relay': ['The gateway has no TURN server.', 'Set one up, or allow other ways.'],
  'incoming-not-allowed': ['The token has no incoming grant.', 'Mint it with incoming.allow.'],
  'call-ended': ['The call was over first.', 'Read `call.ended`.'],
  'answered-elsewhere': ['Another device was faster.', ''],
  'transfer-failed': ['Nobody took the call.', 'Go on with it, or try somebody else.'],
  timeout: ['The gateway did not answer in time.', 'Try again.'],
  aborted: ['The signal was aborted.', ''],
  destroyed: ['The device was destroyed.', 'Make a new Device.'],
  'invalid-argument': ['', 'Read the documentation of the option named.'],
  unknown: ['The gateway is newer than this SDK.', 'Upgrade the SDK.'],
  'token-invalid': ['', 'Mint a new token; check its key, algorithm and grants.'],
  'token-expired': ['', 'Mint a new token and call updateToken().'],
  'token-not-yet-valid': ['', 'Compare the clocks of token server and gateway.'],
  forbidden: ['', 'Grant it in the token, or allow it in the gateway.'],
  'rate-limited': ['', 'Wait for retryAfterMs and try again.'],
  'malformed-frame': ['', SAME_VERSION],
  'unknown-message': ['', 'Upgrade the gateway: it is older than this SDK.'],
  'unknown-call': ['', 'The call is over, or was never this device’s.'],
  'wrong-state': ['', 'Look at the state of the call first.'],
  'not-registered': ['', 'Say hello first.'],
  'too-many': ['', 'End a call or a session first.'],
  'media-failed': ['No media path to the gateway.', 'A TURN server may help.'],
  draining: ['', 'Connect again to reach another gateway.'],
  'unsupported-version': ['', SAME_VERSION],
  'resume-refused': ['', 'Register again: the session is gone.'],
  'hold-refused': ['', 'Hold somebody you are joined with.'],
  'transfer-refused': ['', 'Hand over somebody you are joined with.'],
  'video-refused': ['', 'Ask somebody you are joined with.'],
  'message-too-large': ['', 'Send at most 10 KiB.'],
  internal: ['', 'Read the log of the gateway.'],
};
