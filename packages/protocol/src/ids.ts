import * as v from 'valibot';

/** Names one leg for ever: `CA` and 32 lower-case hex digits, as RestComm and Twilio write it. */
export const CallSid = v.pipe(v.string(), v.regex(/^CA[0-9a-f]{32}$/), v.brand('CallSid'));
export type CallSid = v.InferOutput<typeof CallSid>;

/**
 * Names one device's part in one call, within its session. The side that starts the part makes it: the SDK
 * for a call it places, the gateway for a call that rings. Being known before the first answer arrives, it
 * lets a device hang up, or describe its media, without waiting for a round trip.
 */
export const CallId = v.pipe(v.string(), v.regex(/^[\w-]{8,64}$/), v.brand('CallId'));
export type CallId = v.InferOutput<typeof CallId>;

/** One device's time with the gateway, which outlives its sockets (grace and resume). */
export const SessionId = v.pipe(v.string(), v.regex(/^[\w-]{8,64}$/), v.brand('SessionId'));
export type SessionId = v.InferOutput<typeof SessionId>;

/** Made by the SDK for every request; the same id sent twice is carried out once and answered twice. */
export const RequestId = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/), v.brand('RequestId'));
export type RequestId = v.InferOutput<typeof RequestId>;

/** Names a transport, producer or consumer of the SFU. */
export const MediaId = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/), v.brand('MediaId'));
export type MediaId = v.InferOutput<typeof MediaId>;

/**
 * The name a person is called by. Compared exactly (D13). 1 to 128 characters, no control characters, no
 * blank at either end, and no `?`, which begins the parameters in `<Client>alice?X-Tier=gold</Client>`.
 */
export const Identity = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(128),
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is refused here.
  v.regex(/^(?!client:)[^\s?\u0000-\u001f\u007f](?:[^?\u0000-\u001f\u007f]*[^\s?\u0000-\u001f\u007f])?$/),
  v.brand('Identity'),
);
export type Identity = v.InferOutput<typeof Identity>;
