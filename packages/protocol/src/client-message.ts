import * as v from 'valibot';
import { CallId, MediaId, RequestId, SessionId } from './ids.ts';
import { WIRE_LIMITS } from './limits.ts';
import {
  DtlsParameters,
  MediaKind,
  MediaSource,
  MediaWish,
  PictureQuality,
  RtpCapabilities,
  RtpParameters,
} from './media.ts';

/** Data that goes with a call, to the document's server and to the other side. Keys as written (D11). */
export const CallParams = v.pipe(
  v.record(v.pipe(v.string(), v.minLength(1), v.maxLength(128)), v.string()),
  v.check((params) => Object.keys(params).length <= WIRE_LIMITS.paramCountMax, 'too many parameters'),
  v.check((params) => paramsLength(params) <= WIRE_LIMITS.paramBytesMax, 'parameters above 4 KiB'),
);
export type CallParams = v.InferOutput<typeof CallParams>;

function paramsLength(params: Readonly<Record<string, string>>): number {
  return Object.entries(params).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
}

const label = v.pipe(v.string(), v.maxLength(128));

/** Keys of a telephone, the four extra DTMF letters, and `w` for a pause of half a second. */
export const Digits = v.pipe(v.string(), v.regex(/^[0-9*#A-Dw]+$/), v.maxLength(WIRE_LIMITS.digitsMax));

/** What a person may say was wrong with a call, in Twilio's words and two of ours. */
export const FeedbackIssue = v.picklist([
  'audio-latency',
  'choppy-audio',
  'dropped-call',
  'echo',
  'noisy-call',
  'one-way-audio',
  'frozen-video',
  'other',
]);

/**
 * What a browser may send. One line per message; the reader sees the whole vocabulary at once. A message with
 * an `id` is a request: it is answered by one `reply`, and carried out once however often it is sent. Fields not
 * named here are dropped, so that a newer SDK may add one without a new version.
 */
export const ClientMessage = v.variant('type', [
  // The first frame. The token is here and never in a URL. `resume` takes up a session whose socket was lost.
  v.object({
    type: v.literal('hello'),
    version: v.number(),
    token: v.pipe(v.string(), v.maxLength(8192)),
    register: v.boolean(),
    device: v.object({ label: v.optional(label), agent: v.optional(label) }),
    resume: v.optional(
      v.object({
        sessionId: SessionId,
        resumeToken: v.pipe(v.string(), v.maxLength(256)),
        lastSeq: v.number(),
      }),
    ),
  }),
  // A sign of life from page code, and how far its reading has come; answered by `pong`.
  v.object({ type: v.literal('ping'), lastSeq: v.number() }),
  // Leaving on purpose: no grace period is kept.
  v.object({ type: v.literal('bye') }),
  // The page that comes after this one in its tab takes its calls up: a socket the browser closes is waited for longer.
  v.object({ type: v.literal('mayReturn') }),
  // What this browser can receive; sent when the media engine has been loaded, before it is needed.
  v.object({ type: v.literal('capabilities'), rtpCapabilities: RtpCapabilities }),

  v.object({ type: v.literal('register'), id: RequestId, on: v.boolean() }),
  v.object({ type: v.literal('renewToken'), id: RequestId, token: v.pipe(v.string(), v.maxLength(8192)) }),
  v.object({ type: v.literal('watchPresence'), id: RequestId, on: v.boolean() }),

  // Places a call. The reply carries the transports; everything that follows is a notification.
  v.object({
    type: v.literal('connect'),
    id: RequestId,
    callId: CallId,
    params: CallParams,
    media: MediaWish,
    // Under which the call is found in every log it passes: W3C Trace Context. One that cannot be read is left.
    traceparent: v.optional(v.pipe(v.string(), v.maxLength(128))),
  }),
  // This device has heard of the call and tells its person.
  v.object({ type: v.literal('alerting'), callId: CallId }),
  v.object({ type: v.literal('accept'), id: RequestId, callId: CallId, media: MediaWish }),
  v.object({
    type: v.literal('reject'),
    id: RequestId,
    callId: CallId,
    // For every device of this person (D2), or for this one alone.
    everywhere: v.boolean(),
    // `busy` where the device refused by itself, being in another call.
    why: v.optional(v.picklist(['declined', 'busy'])),
  }),
  v.object({ type: v.literal('hangup'), id: RequestId, callId: CallId }),
  v.object({ type: v.literal('digits'), id: RequestId, callId: CallId, digits: Digits }),
  // Opens media of its own, in which the device hears itself: the line, tried without anybody else. Ends by `hangup`.
  v.object({ type: v.literal('loopback'), id: RequestId, callId: CallId }),
  // What the person thought of a call, while it runs or after it; the last word counts.
  v.object({
    type: v.literal('feedback'),
    id: RequestId,
    callId: CallId,
    score: v.picklist([1, 2, 3, 4, 5]),
    issue: v.optional(FeedbackIssue),
  }),

  // In a call in which two are joined. What comes of these is told by `standing`, `joined` and `ended`.
  v.object({ type: v.literal('hold'), id: RequestId, callId: CallId, on: v.boolean() }),
  // Hands the other over to whoever is called by that name; this device waits, and is given her back if nobody comes.
  v.object({
    type: v.literal('transfer'),
    id: RequestId,
    callId: CallId,
    to: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
    params: v.optional(CallParams),
  }),
  // Brings the others of two calls of this device together; both of its parts are over.
  v.object({ type: v.literal('merge'), id: RequestId, callId: CallId, with: CallId }),
  // Asks the other whether the two shall see one another; `false` takes the question back, or the pictures away.
  v.object({ type: v.literal('video'), id: RequestId, callId: CallId, on: v.boolean() }),
  v.object({ type: v.literal('videoAnswer'), id: RequestId, callId: CallId, accepted: v.boolean() }),
  // The reply names it.
  v.object({
    type: v.literal('message'),
    id: RequestId,
    callId: CallId,
    content: v.string(),
    contentType: v.pipe(v.string(), v.maxLength(128)),
    messageType: v.pipe(v.string(), v.maxLength(128)),
  }),

  // Media. Sent without waiting for one another: the order of the socket is enough.
  v.object({
    type: v.literal('transportConnect'),
    callId: CallId,
    transportId: MediaId,
    dtlsParameters: DtlsParameters,
  }),
  v.object({
    type: v.literal('produce'),
    callId: CallId,
    transportId: MediaId,
    producerId: MediaId,
    kind: MediaKind,
    source: MediaSource,
    rtpParameters: RtpParameters,
    // Whether the person has this source switched off at the moment; nothing is forwarded then.
    muted: v.boolean(),
  }),
  v.object({ type: v.literal('producerMuted'), callId: CallId, producerId: MediaId, muted: v.boolean() }),
  v.object({ type: v.literal('producerClosed'), callId: CallId, producerId: MediaId }),
  // The browser holds the consumer now; packets may flow as soon as the call allows it.
  v.object({ type: v.literal('consuming'), callId: CallId, consumerId: MediaId }),
  v.object({ type: v.literal('keyFrame'), callId: CallId, consumerId: MediaId }),
  // How large this device shows it; until then, as large as there is.
  v.object({
    type: v.literal('preferQuality'),
    callId: CallId,
    consumerId: MediaId,
    quality: PictureQuality,
  }),
  v.object({ type: v.literal('restartIce'), id: RequestId, callId: CallId }),
  v.object({ type: v.literal('renewMedia'), id: RequestId, callId: CallId }),
  // How much media has passed: a device that hears nothing learns from it whether anything is sent to it.
  v.object({ type: v.literal('mediaFlow'), id: RequestId, callId: CallId }),
]);
export type ClientMessage = v.InferOutput<typeof ClientMessage>;
export type ClientMessageOf<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;
/** A message that is answered by a `reply`. */
export type ClientRequest = Extract<ClientMessage, { id: RequestId }>;
