import * as v from 'valibot';
import { MediaId } from './ids.ts';

/**
 * The description of media as WebRTC and mediasoup write it. The wire checks the outline and the size; the SFU
 * checks the rest, and refuses it as a value. Nothing here is known to the switchboard.
 */
export const MediaKind = v.picklist(['audio', 'video']);
export type MediaKind = v.InferOutput<typeof MediaKind>;

/** Where a track comes from, so that a picture of a screen is not taken for a face. */
export const MediaSource = v.picklist(['microphone', 'camera', 'screen']);
export type MediaSource = v.InferOutput<typeof MediaSource>;

/** How large a picture is wanted: a quarter of its height, half, or all of it. */
export const PictureQuality = v.picklist(['low', 'medium', 'high']);
export type PictureQuality = v.InferOutput<typeof PictureQuality>;

/** What a call begins with. Everyone has audio; video is a wish that the other side need not share. */
export const MediaWish = v.object({ audio: v.boolean(), video: v.boolean() });
export type MediaWish = v.InferOutput<typeof MediaWish>;

const OpaqueObject = v.record(v.string(), v.unknown());

export const DtlsParameters = v.object({
  role: v.optional(v.picklist(['auto', 'client', 'server'])),
  fingerprints: v.pipe(
    v.array(
      v.object({
        algorithm: v.pipe(v.string(), v.maxLength(16)),
        value: v.pipe(v.string(), v.maxLength(256)),
      }),
    ),
    v.minLength(1),
    v.maxLength(8),
  ),
});
export type DtlsParameters = v.InferOutput<typeof DtlsParameters>;

export const IceParameters = v.object({
  usernameFragment: v.string(),
  password: v.string(),
  iceLite: v.optional(v.boolean()),
});
export type IceParameters = v.InferOutput<typeof IceParameters>;

/** One direction of a device's media, ready to be brought up: ICE, DTLS and where the SFU listens. */
export const TransportOffer = v.object({
  id: MediaId,
  iceParameters: IceParameters,
  iceCandidates: v.array(OpaqueObject),
  dtlsParameters: DtlsParameters,
});
export type TransportOffer = v.InferOutput<typeof TransportOffer>;

export const IceServer = v.object({
  urls: v.array(v.string()),
  username: v.optional(v.string()),
  credential: v.optional(v.string()),
});
export type IceServer = v.InferOutput<typeof IceServer>;

/** Both directions at once: one message where others need a round trip for each (design §3.1). */
export const MediaOffer = v.object({
  send: TransportOffer,
  recv: TransportOffer,
  iceServers: v.optional(v.array(IceServer)),
  // Many may look, each with a network of their own: pictures are sent in several sizes.
  layered: v.optional(v.boolean()),
});
export type MediaOffer = v.InferOutput<typeof MediaOffer>;

export const RtpParameters = OpaqueObject;
export type RtpParameters = v.InferOutput<typeof RtpParameters>;
export const RtpCapabilities = OpaqueObject;
export type RtpCapabilities = v.InferOutput<typeof RtpCapabilities>;
