/**
 * What a value must look like: a plain type, a record of anything, a record of strings, a list of one shape, or an
 * object by its fields. A field whose name ends in `?` may be absent.
 */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | 'record'
  | 'strings'
  | readonly [Shape]
  | { readonly [field: string]: Shape };

const ICE = { usernameFragment: 'string', password: 'string', 'iceLite?': 'boolean' } as const;
const TRANSPORT = {
  id: 'string',
  iceParameters: ICE,
  iceCandidates: ['record'],
  dtlsParameters: { 'role?': 'string', fingerprints: [{ algorithm: 'string', value: 'string' }] },
} as const;
const ICE_SERVERS = [{ urls: ['string'], 'username?': 'string', 'credential?': 'string' }] as const;
export const MEDIA_OFFER = {
  send: TRANSPORT,
  recv: TRANSPORT,
  'iceServers?': ICE_SERVERS,
  'layered?': 'boolean',
} as const;
export const PARTY = { identity: 'string', 'deviceLabel?': 'string' } as const;
export const STANDING = {
  held: { local: 'boolean', remote: 'boolean' },
  video: 'boolean',
  'asks?': 'string',
  'transferring?': 'boolean',
} as const;
const ERROR = { code: 'number', name: 'string', message: 'string', 'retryAfterMs?': 'number' } as const;

/**
 * What the gateway may say to a device that registers and rings, by its type; `call-shapes.ts` has the rest. Kept equal
 * to the protocol by a test.
 */
export const RINGING_SHAPES = {
  welcome: {
    sessionId: 'string',
    resumeToken: 'string',
    resumed: 'boolean',
    identity: 'string',
    registered: 'boolean',
    heartbeatMs: 'number',
    graceMs: 'number',
    tokenExpiresInMs: 'number',
    rtpCapabilities: 'record',
    calls: [
      {
        callId: 'string',
        callSid: 'string',
        direction: 'string',
        phase: 'string',
        'other?': PARTY,
        params: 'strings',
        video: 'boolean',
        'standing?': STANDING,
      },
    ],
    lastSeq: 'number',
  },
  pong: {},
  reply: {
    re: 'string',
    ok: 'boolean',
    data: {
      'callSid?': 'string',
      'media?': MEDIA_OFFER,
      'ice?': { send: ICE, recv: ICE },
      'flow?': { send: 'number', recv: 'number' },
      'iceServers?': ICE_SERVERS,
      'tokenExpiresInMs?': 'number',
      'messageId?': 'string',
    },
  },
  refusal: { 're?': 'string', error: ERROR },
  incoming: {
    seq: 'number',
    callId: 'string',
    callSid: 'string',
    from: 'string',
    to: 'string',
    params: 'strings',
    media: { audio: 'boolean', video: 'boolean' },
    offer: MEDIA_OFFER,
    'traceparent?': 'string',
  },
  ended: {
    seq: 'number',
    callId: 'string',
    'callSid?': 'string',
    reason: 'string',
    by: 'string',
    'elsewhere?': PARTY,
    'fault?': { code: 'number', message: 'string', 'line?': 'number', 'column?': 'number' },
    durationMs: 'number',
    'tone?': [{ hertz: ['number'], ms: 'number' }],
  },
  tokenExpiring: { seq: 'number', inMs: 'number' },
  goAway: { seq: 'number', inMs: 'number' },
} as const satisfies Readonly<Record<string, Shape>>;
