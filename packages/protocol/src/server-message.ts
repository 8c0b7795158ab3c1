import * as v from 'valibot';
import { CallParams } from './client-message.ts';
import { EndedBy, EndReason } from './end-reason.ts';
import { CallId, CallSid, MediaId, RequestId, SessionId } from './ids.ts';
import {
  IceParameters,
  IceServer,
  MediaKind,
  MediaOffer,
  MediaSource,
  MediaWish,
  PictureQuality,
  RtpCapabilities,
  RtpParameters,
} from './media.ts';
import { WireError } from './wire-error.ts';

/** Somebody at the other end, by the plain name (D12) and the label of the device. */
export const Party = v.object({ identity: v.string(), deviceLabel: v.optional(v.string()) });
export type Party = v.InferOutput<typeof Party>;

/** What the gateway complains about in a document or a call: the same facts the log of notifications holds. */
export const CallFault = v.object({
  code: v.number(),
  message: v.string(),
  line: v.optional(v.number()),
  column: v.optional(v.number()),
});
export type CallFault = v.InferOutput<typeof CallFault>;

/** A stretch of a tone: frequencies that sound together, or silence where there are none. */
export const ToneStep = v.object({ hertz: v.array(v.number()), ms: v.number() });
export type ToneStep = v.InferOutput<typeof ToneStep>;

/** How a call stands, for a device that comes back. */
export const CallPhase = v.picklist(['calling', 'ringing', 'screening', 'answered', 'joined']);
export type CallPhase = v.InferOutput<typeof CallPhase>;

/** How two who are joined stand with one another, from the point of view of the device that is told. */
export const Standing = v.object({
  // Who has put whom on hold: `local`, this device; `remote`, the other.
  held: v.object({ local: v.boolean(), remote: v.boolean() }),
  // Whether the two see one another, or will when nobody is on hold.
  video: v.boolean(),
  // Who has asked for that, while the answer is waited for.
  asks: v.optional(v.picklist(['local', 'remote'])),
  // The other is being handed over by this device, and rings for somebody else.
  transferring: v.optional(v.boolean()),
});
export type Standing = v.InferOutput<typeof Standing>;

/** What came of something that this device had asked for. */
export const StandingOutcome = v.picklist([
  'video-accepted',
  'video-declined',
  'video-expired',
  'transfer-failed',
]);
export type StandingOutcome = v.InferOutput<typeof StandingOutcome>;

/** A message from the other side of a call, or from the application. */
export const CallMessage = v.object({
  id: v.string(),
  content: v.string(),
  contentType: v.string(),
  messageType: v.string(),
});
export type CallMessage = v.InferOutput<typeof CallMessage>;

export const CallSnapshot = v.object({
  callId: CallId,
  callSid: CallSid,
  direction: v.picklist(['incoming', 'outgoing']),
  phase: CallPhase,
  other: v.optional(Party),
  params: CallParams,
  video: v.boolean(),
  standing: v.optional(Standing),
});
export type CallSnapshot = v.InferOutput<typeof CallSnapshot>;

export const PresenceEntry = v.object({ identity: v.string(), devices: v.number(), busy: v.boolean() });
export type PresenceEntry = v.InferOutput<typeof PresenceEntry>;

/** Somebody else in the conference a device is in. */
export const Participant = v.object({
  // Names this participant for as long as the conference lasts; `consume.from` refers to it.
  id: v.string(),
  ...Party.entries,
  muted: v.boolean(),
  onHold: v.boolean(),
});
export type Participant = v.InferOutput<typeof Participant>;

/** The conference a device is in, and how it takes part. */
export const ConferencePresence = v.object({
  name: v.string(),
  // Until somebody comes who starts it, nobody hears anybody.
  started: v.boolean(),
  // Said by the document or by REST, whatever the device itself has muted.
  muted: v.boolean(),
  onHold: v.boolean(),
});
export type ConferencePresence = v.InferOutput<typeof ConferencePresence>;

/** The fields a successful reply may carry; which of them follows from the request. */
export const ReplyData = v.object({
  callSid: v.optional(CallSid),
  media: v.optional(MediaOffer),
  ice: v.optional(v.object({ send: IceParameters, recv: IceParameters })),
  // With `ice`: what the new candidates are gathered through, with credentials as fresh as they are.
  iceServers: v.optional(v.array(IceServer)),
  // Bytes of RTP that the gateway has counted on each transport since it was made: arrived of this device, sent to it.
  flow: v.optional(v.object({ send: v.number(), recv: v.number() })),
  tokenExpiresInMs: v.optional(v.number()),
  messageId: v.optional(v.string()),
});
export type ReplyData = v.InferOutput<typeof ReplyData>;

const seq = v.number();

/**
 * What the gateway may send. Messages with a `seq` are notifications: numbered without gaps from 1 within a
 * session, kept until the device has said it got them, and replayed in order after a resume. An SDK drops a
 * `type` it does not know and counts its `seq`.
 */
export const ServerMessage = v.variant('type', [
  v.object({
    type: v.literal('welcome'),
    sessionId: SessionId,
    // Takes up this session on a new socket. It is not the access token, whose expiry never ends a call.
    resumeToken: v.string(),
    resumed: v.boolean(),
    identity: v.string(),
    // Whether this device will ring; false where the token has no `incoming.allow` (D29).
    registered: v.boolean(),
    heartbeatMs: v.number(),
    graceMs: v.number(),
    tokenExpiresInMs: v.number(),
    // Pushed here so that the media engine is ready before the first call.
    rtpCapabilities: RtpCapabilities,
    calls: v.array(CallSnapshot),
    lastSeq: v.number(),
  }),
  v.object({ type: v.literal('pong') }),
  v.object({ type: v.literal('reply'), re: RequestId, ok: v.literal(true), data: ReplyData }),
  v.object({ type: v.literal('refusal'), re: v.optional(RequestId), error: WireError }),

  v.object({
    type: v.literal('incoming'),
    seq,
    callId: CallId,
    callSid: CallSid,
    from: v.string(),
    to: v.string(),
    params: CallParams,
    media: MediaWish,
    offer: MediaOffer,
    // The trace of whoever placed the call.
    traceparent: v.optional(v.string()),
  }),
  // To the caller: somebody is being told. With `earlyMedia` the gateway plays what is to be heard meanwhile; without it
  // her own device lets her hear that it rings.
  v.object({ type: v.literal('ringing'), seq, callId: CallId, earlyMedia: v.optional(v.boolean()) }),
  // To the caller: the gateway itself has answered, with an announcement or a prompt (D14).
  v.object({ type: v.literal('answered'), seq, callId: CallId }),
  // To the callee: picked up; a document runs on her leg before she is joined (CL4).
  v.object({ type: v.literal('screening'), seq, callId: CallId }),
  v.object({ type: v.literal('joined'), seq, callId: CallId, other: Party, video: v.boolean() }),
  // The other side has left; the document goes on, and so does this device's call.
  v.object({ type: v.literal('parted'), seq, callId: CallId }),
  // Who else is in the conference, whenever that changes; the whole list. Without `conference`, it has been left.
  v.object({
    type: v.literal('participants'),
    seq,
    callId: CallId,
    conference: v.optional(ConferencePresence),
    people: v.array(Participant),
  }),
  v.object({ type: v.literal('digits'), seq, callId: CallId, digits: v.string() }),
  // Whenever it changes between `joined` and `parted`; the whole of it.
  v.object({
    type: v.literal('standing'),
    seq,
    callId: CallId,
    standing: Standing,
    outcome: v.optional(StandingOutcome),
    // Why a transfer has failed.
    reason: v.optional(EndReason),
  }),
  v.object({ type: v.literal('message'), seq, callId: CallId, message: CallMessage }),
  v.object({
    type: v.literal('ended'),
    seq,
    callId: CallId,
    callSid: v.optional(CallSid),
    reason: EndReason,
    by: EndedBy,
    // Who was faster, or who refused for all.
    elsewhere: v.optional(Party),
    fault: v.optional(CallFault),
    durationMs: v.number(),
    // How it is said without words, in place of the device's own tone: one turn, which is repeated.
    tone: v.optional(v.array(ToneStep)),
  }),

  v.object({
    type: v.literal('consume'),
    seq,
    callId: CallId,
    consumerId: MediaId,
    producerId: MediaId,
    kind: MediaKind,
    source: MediaSource,
    rtpParameters: RtpParameters,
    muted: v.boolean(),
    // In a conference: the `id` of the participant who sends it.
    from: v.optional(v.string()),
  }),
  // From now on packets of this consumer flow; until then it is held at the server.
  v.object({ type: v.literal('consumerResumed'), seq, callId: CallId, consumerId: MediaId }),
  v.object({
    type: v.literal('consumerMuted'),
    seq,
    callId: CallId,
    consumerId: MediaId,
    muted: v.boolean(),
  }),
  v.object({ type: v.literal('consumerClosed'), seq, callId: CallId, consumerId: MediaId }),
  // The largest that anybody still shows of what this device sends. Nothing larger need be encoded.
  v.object({
    type: v.literal('producerQuality'),
    seq,
    callId: CallId,
    producerId: MediaId,
    quality: PictureQuality,
  }),
  // The media worker died, or moved: bring up these transports instead and produce again.
  v.object({ type: v.literal('mediaReset'), seq, callId: CallId, offer: MediaOffer }),

  v.object({ type: v.literal('presence'), seq, people: v.array(PresenceEntry) }),
  v.object({ type: v.literal('tokenExpiring'), seq, inMs: v.number() }),
  v.object({ type: v.literal('goAway'), seq, inMs: v.number() }),
]);
export type ServerMessage = v.InferOutput<typeof ServerMessage>;
export type ServerMessageOf<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;
/** A message that is numbered and replayed. */
export type ServerNotification = Extract<ServerMessage, { seq: number }>;

/** Distributes over the union, which a plain `Omit` would flatten. */
type WithoutSeq<T> = T extends unknown ? Omit<T, 'seq'> : never;
/** A notification before its session has numbered it. */
export type Unnumbered = WithoutSeq<ServerNotification>;
