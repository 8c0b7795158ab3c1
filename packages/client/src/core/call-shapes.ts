import { MEDIA_OFFER, PARTY, STANDING, type Shape } from './wire-shape.ts';

/**
 * What the gateway says about a call that has been answered or placed, and to whoever asks who can be called. Loaded with
 * what that takes: before, nobody can have asked for any of it. Kept equal to the protocol by a test.
 */
export const CALL_SHAPES = {
  ringing: { seq: 'number', callId: 'string', 'earlyMedia?': 'boolean' },
  answered: { seq: 'number', callId: 'string' },
  screening: { seq: 'number', callId: 'string' },
  joined: { seq: 'number', callId: 'string', other: PARTY, video: 'boolean' },
  parted: { seq: 'number', callId: 'string' },
  participants: {
    seq: 'number',
    callId: 'string',
    'conference?': { name: 'string', started: 'boolean', muted: 'boolean', onHold: 'boolean' },
    people: [{ id: 'string', ...PARTY, muted: 'boolean', onHold: 'boolean' }],
  },
  digits: { seq: 'number', callId: 'string', digits: 'string' },
  standing: {
    seq: 'number',
    callId: 'string',
    standing: STANDING,
    'outcome?': 'string',
    'reason?': 'string',
  },
  message: {
    seq: 'number',
    callId: 'string',
    message: { id: 'string', content: 'string', contentType: 'string', messageType: 'string' },
  },
  consume: {
    seq: 'number',
    callId: 'string',
    consumerId: 'string',
    producerId: 'string',
    kind: 'string',
    source: 'string',
    rtpParameters: 'record',
    muted: 'boolean',
    'from?': 'string',
  },
  consumerResumed: { seq: 'number', callId: 'string', consumerId: 'string' },
  consumerMuted: { seq: 'number', callId: 'string', consumerId: 'string', muted: 'boolean' },
  consumerClosed: { seq: 'number', callId: 'string', consumerId: 'string' },
  producerQuality: { seq: 'number', callId: 'string', producerId: 'string', quality: 'string' },
  presence: { seq: 'number', people: [{ identity: 'string', devices: 'number', busy: 'boolean' }] },
  mediaReset: { seq: 'number', callId: 'string', offer: MEDIA_OFFER },
} as const satisfies Readonly<Record<string, Shape>>;
