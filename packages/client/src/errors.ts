import { WIRE_ERRORS, type WireError } from '@parley/protocol';

/** Where to look for the cause. */
export type ErrorCategory = 'auth' | 'signaling' | 'media' | 'device' | 'call' | 'usage' | 'server';

interface ErrorEntry {
  readonly code: number;
  readonly category: ErrorCategory;
  readonly retryable: boolean;
  /** Nothing more will happen by itself: the device is unregistered, or the call is over. */
  readonly fatal: boolean;
  readonly causes: readonly string[];
  readonly solutions: readonly string[];
}

const entry = (
  code: number,
  category: ErrorCategory,
  flags: '' | 'retryable' | 'fatal',
  causes: readonly string[],
  solutions: readonly string[],
): ErrorEntry => ({
  code,
  category,
  retryable: flags === 'retryable',
  fatal: flags === 'fatal',
  causes,
  solutions,
});

/**
 * What the SDK finds by itself. Numbers are Twilio's where the meaning is equal, because people have them in
 * their `switch` statements; ours begin at 61000.
 */
const LOCAL_ERRORS = {
  'microphone-denied': entry(
    31401,
    'device',
    '',
    ['The microphone was refused.'],
    ['Allow it in the site settings.'],
  ),
  'microphone-dismissed': entry(61001, 'device', 'retryable', ['The question was closed.'], ['Ask again.']),
  'microphone-in-use': entry(
    61002,
    'device',
    'retryable',
    ['Another program has it.'],
    ['Close the other program.'],
  ),
  'microphone-not-found': entry(
    61003,
    'device',
    'retryable',
    ['There is none.'],
    ['Plug one in, or listen only.'],
  ),
  'microphone-failed': entry(
    31402,
    'device',
    'retryable',
    ['The browser could not open it.'],
    ['Try another one.'],
  ),
  'camera-denied': entry(
    61011,
    'device',
    '',
    ['The camera was refused.'],
    ['Allow it in the site settings.'],
  ),
  'camera-dismissed': entry(61012, 'device', 'retryable', ['The question was closed.'], ['Ask again.']),
  'camera-in-use': entry(
    61013,
    'device',
    'retryable',
    ['Another program has it.'],
    ['Close the other program.'],
  ),
  'camera-not-found': entry(61014, 'device', 'retryable', ['There is none.'], ['Plug one in.']),
  'camera-failed': entry(
    61015,
    'device',
    'retryable',
    ['The browser could not open it.'],
    ['Try another one.'],
  ),
  'insecure-context': entry(
    61021,
    'device',
    '',
    ['The page is not served over https.'],
    ['Use https, or localhost.'],
  ),
  'connection-lost': entry(
    53001,
    'signaling',
    'retryable',
    ['The network is away.'],
    ['Wait: the SDK tries again.'],
  ),
  'connection-failed': entry(
    53000,
    'signaling',
    'retryable',
    ['No gateway at this address.'],
    ['Check the url.'],
  ),
  'token-unavailable': entry(
    61031,
    'auth',
    'retryable',
    ['The token provider failed.'],
    ['Look at its own error.'],
  ),
  'no-media-engine': entry(
    61041,
    'media',
    'retryable',
    ['It could not be loaded.'],
    ['Check the bundle and its CSP.'],
  ),
  'unsupported-browser': entry(61042, 'media', '', ['It has no usable WebRTC.'], ['Use a current browser.']),
  'incoming-not-allowed': entry(
    61051,
    'auth',
    '',
    ['The token has no incoming grant.'],
    ['Mint it with incoming.allow.'],
  ),
  'call-ended': entry(61061, 'call', '', ['The call was over first.'], ['Read `call.ended`.']),
  'answered-elsewhere': entry(61062, 'call', '', ['Another device was faster.'], []),
  timeout: entry(61063, 'signaling', 'retryable', ['The gateway did not answer in time.'], ['Try again.']),
  aborted: entry(61071, 'usage', '', ['The signal was aborted.'], []),
  destroyed: entry(61072, 'usage', 'fatal', ['The device was destroyed.'], ['Make a new Device.']),
  'invalid-argument': entry(31011, 'usage', '', [], ['Read the documentation of the option named.']),
  unknown: entry(31000, 'server', '', ['The gateway is newer than this SDK.'], ['Upgrade the SDK.']),
} as const satisfies Record<string, ErrorEntry>;

/** The name of an error: one of the SDK's own, or one of the wire's. */
export type ClientErrorName = keyof typeof LOCAL_ERRORS | keyof typeof WIRE_ERRORS;

const WIRE_CATEGORY: Partial<Record<string, ErrorCategory>> = {
  'token-invalid': 'auth',
  'token-expired': 'auth',
  'token-not-yet-valid': 'auth',
  forbidden: 'auth',
  'unknown-call': 'call',
  'wrong-state': 'call',
  'media-failed': 'media',
  internal: 'server',
  draining: 'server',
};

const FATAL_ON_WIRE: ReadonlySet<string> = new Set([
  'token-invalid',
  'token-expired',
  'forbidden',
  'unsupported-version',
]);

/** What may be said about an error beyond its name. */
export interface ClientErrorDetails {
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
  /** Which call it is about. */
  readonly callId?: string;
}

/** The only error class this SDK throws. Branch on `code` or `name`; never parse `message`. */
export class ClientError extends Error {
  override readonly name: ClientErrorName;
  /** Twilio's number where the meaning is equal. */
  readonly code: number;
  readonly category: ErrorCategory;
  /** Whether the same thing, asked again, could succeed. */
  readonly retryable: boolean;
  /** Whether nothing more will happen by itself. */
  readonly fatal: boolean;
  readonly causes: readonly string[];
  readonly solutions: readonly string[];
  readonly retryAfterMs: number | undefined;
  readonly callId: string | undefined;

  constructor(name: ClientErrorName, message?: string, details: ClientErrorDetails = {}) {
    const known = lookUp(name);
    super(
      message ?? known.causes[0] ?? name,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = name;
    this.code = known.code;
    this.category = known.category;
    this.retryable = known.retryable;
    this.fatal = known.fatal;
    this.causes = known.causes;
    this.solutions = known.solutions;
    this.retryAfterMs = details.retryAfterMs;
    this.callId = details.callId;
  }

  /** The facts, for a log or a report; `cause` is left out, since it may hold anything. */
  toJSON(): Record<string, unknown> {
    const { name, code, category, message, retryable, fatal, callId } = this;
    return { name, code, category, message, retryable, fatal, ...(callId === undefined ? {} : { callId }) };
  }
}

function lookUp(name: ClientErrorName): ErrorEntry {
  if (name in LOCAL_ERRORS) return LOCAL_ERRORS[name as keyof typeof LOCAL_ERRORS];
  const known = WIRE_ERRORS[name as keyof typeof WIRE_ERRORS];
  return {
    code: known.code,
    category: WIRE_CATEGORY[name] ?? 'signaling',
    retryable: known.retryable,
    fatal: FATAL_ON_WIRE.has(name),
    causes: [],
    solutions: [known.help],
  };
}

/** What the gateway refused, as an error. A name from a newer gateway becomes `unknown`, with its message. */
export function errorFromWire(error: WireError, callId?: string): ClientError {
  const name = error.name in WIRE_ERRORS ? (error.name as keyof typeof WIRE_ERRORS) : 'unknown';
  return new ClientError(name, error.message, {
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(callId === undefined ? {} : { callId }),
  });
}

/** Any thrown thing as a ClientError: one that is already is kept. */
export function asClientError(thrown: unknown, name: ClientErrorName): ClientError {
  if (thrown instanceof ClientError) return thrown;
  return new ClientError(name, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}
