import * as v from 'valibot';
import { CallSid } from './ids.ts';

/** Allows one device to decline one call, once: 32 random bytes as base64url. */
export const DeclineSecret = v.pipe(v.string(), v.regex(/^[\w-]{43}$/), v.brand('DeclineSecret'));
export type DeclineSecret = v.InferOutput<typeof DeclineSecret>;

const rung = {
  /** The leg, which is what the device will know the call as. */
  callSid: CallSid,
  from: v.string(),
  to: v.string(),
  video: v.boolean(),
};

/** Somebody calls. JSON in a Web Push message, encrypted for the device alone (RFC 8291). */
export const PushRing = v.object({
  type: v.literal('parley-ring'),
  ...rung,
  /** Absent from gateways that cannot be told. */
  decline: v.optional(DeclineSecret),
});
export type PushRing = v.InferOutput<typeof PushRing>;

/** It rings no more. Sent to those who were told, in the same way. */
export const PushOver = v.object({
  type: v.literal('parley-over'),
  ...rung,
  over: v.picklist(['answered', 'missed']),
});
export type PushOver = v.InferOutput<typeof PushOver>;

/** What a device posts to decline, to where subscriptions are taken and `/decline`. */
export const PushDecline = v.object({ callSid: CallSid, secret: DeclineSecret });
export type PushDecline = v.InferOutput<typeof PushDecline>;
