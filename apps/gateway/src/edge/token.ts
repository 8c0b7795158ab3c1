import { createSecretKey } from 'node:crypto';
import { CallParams, Identity, wireError, type WireError } from '@parley/protocol';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import * as v from 'valibot';
import type { AccountKey, KeyRing } from './key-ring.ts';
import type { OutgoingGrant, TokenGrants, VerifiedToken } from './token-grants.ts';

/**
 * Access tokens: JWTs signed with HS256 and a secret of the account (RFC 7519, and RFC 8725 for what can go wrong).
 * Two forms are read, told apart by the protected header `cty`. They cannot be taken for one another, nor for a token
 * that was made for something else: each needs its own claim with the grants.
 *
 * | | ours | Twilio's AccessToken with a VoiceGrant |
 * |---|---|---|
 * | `cty` | absent | `twilio-fpa;v=1` |
 * | `iss` | account sid or key sid | key sid |
 * | `sub` | identity | account sid |
 * | grants | `parley` | `grants.identity`, `grants.voice` |
 */
export type TokenVerdict =
  | { readonly ok: true; readonly token: VerifiedToken }
  | { readonly ok: false; readonly error: WireError };

/** The one algorithm; what the header of a token asks for is never followed. */
const ALGORITHM = 'HS256';
const TWILIO_CONTENT_TYPE = 'twilio-fpa;v=1';
/** RFC 8725 §3.5: a secret that can be guessed makes any token. */
const SECRET_BYTES_MIN = 16;

const OutgoingClaim = v.object({
  application: v.optional(v.pipe(v.string(), v.maxLength(128))),
  params: v.optional(CallParams),
});
const ParleyClaims = v.object({
  sub: Identity,
  parley: v.object({
    account: v.optional(v.string()),
    incoming: v.optional(v.object({ allow: v.boolean() })),
    outgoing: v.optional(OutgoingClaim),
    transfer: v.optional(v.object({ allow: v.boolean() })),
  }),
});
const TwilioClaims = v.object({
  sub: v.string(),
  grants: v.object({
    identity: Identity,
    voice: v.object({
      incoming: v.optional(v.object({ allow: v.boolean() })),
      outgoing: v.optional(
        v.object({
          application_sid: v.optional(v.pipe(v.string(), v.maxLength(128))),
          params: v.optional(CallParams),
        }),
      ),
    }),
  }),
});

/** Verifies a token of either form. Never throws; what it says never quotes the token. */
export async function verifyToken(
  token: string,
  keys: KeyRing,
  clock: { readonly wallMs: number; readonly skewMs: number },
): Promise<TokenVerdict> {
  const unproven = read(token);
  if (unproven === undefined) return invalid('it is not a JWT');
  const key = unproven.issuer === undefined ? undefined : keys.secretFor(unproven.issuer);
  if (key === undefined) return invalid('`iss` names no account and no key known here');
  if (Buffer.byteLength(key.secret) < SECRET_BYTES_MIN)
    return invalid('the secret of its key is too short to be safe');
  try {
    const { payload } = await jwtVerify(token, createSecretKey(key.secret, 'utf8'), {
      algorithms: [ALGORITHM],
      clockTolerance: clock.skewMs / 1000,
      currentDate: new Date(clock.wallMs),
      requiredClaims: ['exp'],
    });
    return unproven.isTwilios ? fromTwilios(payload, key) : fromOurs(payload, key);
  } catch (error) {
    return { ok: false, error: complaintOf(error) };
  }
}

/** What a token is made from. What it allows is always said, because nobody guesses a default here. */
export interface TokenOrder {
  readonly identity: string;
  /** An account sid or a key sid; `secret` is that account's auth token or that key's secret. */
  readonly issuer: string;
  readonly secret: string;
  readonly ttlSeconds: number;
  /** Whether the device may be rung. */
  readonly incoming: boolean;
  /** Whether it may place calls; `true` leaves it to the account which application answers them. */
  readonly outgoing: boolean | { readonly application?: string; readonly params?: CallParams };
  /** `false`: it may not hand its calls over to others. */
  readonly transfer?: boolean;
  /** Now, in milliseconds since 1970. Default: the clock of this machine. */
  readonly wallMs?: number;
}

/** Mints a token in our form. Throws when the identity is not one, or the secret too short. */
export async function mintToken(order: TokenOrder): Promise<string> {
  if (!v.is(Identity, order.identity)) throw new RangeError('the identity is not a valid name');
  if (Buffer.byteLength(order.secret) < SECRET_BYTES_MIN)
    throw new RangeError('the secret is too short to be safe');
  const nowSeconds = Math.floor((order.wallMs ?? Date.now()) / 1000);
  const outgoing = order.outgoing === true ? {} : order.outgoing;
  const parley = {
    incoming: { allow: order.incoming },
    ...(outgoing === false ? {} : { outgoing }),
    ...(order.transfer === undefined ? {} : { transfer: { allow: order.transfer } }),
  };
  return new SignJWT({ parley })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(order.issuer)
    .setSubject(order.identity)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + order.ttlSeconds)
    .sign(createSecretKey(order.secret, 'utf8'));
}

interface Unproven {
  readonly issuer: string | undefined;
  readonly isTwilios: boolean;
}

/** What decides which key to try. Nothing read here is believed. */
function read(token: string): Unproven | undefined {
  try {
    return {
      issuer: decodeJwt(token).iss,
      isTwilios: decodeProtectedHeader(token).cty === TWILIO_CONTENT_TYPE,
    };
  } catch {
    return undefined;
  }
}

function fromOurs(payload: JWTPayload, key: AccountKey): TokenVerdict {
  const claims = v.safeParse(ParleyClaims, payload, { abortEarly: true });
  if (!claims.success) return invalidClaim(claims.issues[0]);
  const { sub, parley } = claims.output;
  if (parley.account !== undefined && parley.account !== key.accountSid) {
    return invalid('`parley.account` is not the account of its key');
  }
  return verified(payload, key, sub, {
    incomingAllow: parley.incoming?.allow ?? false,
    outgoing: parley.outgoing && grant(parley.outgoing.application, parley.outgoing.params),
    transferAllow: parley.transfer?.allow ?? true,
  });
}

function fromTwilios(payload: JWTPayload, key: AccountKey): TokenVerdict {
  const claims = v.safeParse(TwilioClaims, payload, { abortEarly: true });
  if (!claims.success) return invalidClaim(claims.issues[0]);
  const { sub, grants } = claims.output;
  if (sub !== key.accountSid) return invalid('`sub` is not the account of its key');
  const { incoming, outgoing } = grants.voice;
  return verified(payload, key, grants.identity, {
    incomingAllow: incoming?.allow ?? false,
    outgoing: outgoing && grant(outgoing.application_sid, outgoing.params),
    transferAllow: true,
  });
}

function grant(application: string | undefined, params: CallParams | undefined): OutgoingGrant {
  return { application, params: params ?? {} };
}

function verified(
  payload: JWTPayload,
  key: AccountKey,
  identity: Identity,
  grants: TokenGrants,
): TokenVerdict {
  // Required above; an absent one would be a token that never ends.
  const expiresAtMs = (payload.exp ?? 0) * 1000;
  return { ok: true, token: { accountSid: key.accountSid, identity, expiresAtMs, grants } };
}

function complaintOf(error: unknown): WireError {
  if (error instanceof errors.JWTExpired) return wireError('token-expired', 'the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'nbf' && error.reason === 'check_failed'
      ? wireError('token-not-yet-valid', 'the token is not valid yet')
      : wireError('token-invalid', `the claim "${error.claim}" is missing or not valid`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed)
    return wireError('token-invalid', `its algorithm is not ${ALGORITHM}`);
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return wireError('token-invalid', 'its signature is not that of its key');
  }
  return wireError('token-invalid', 'it is not a valid JWT');
}

function invalidClaim(issue: v.BaseIssue<unknown>): TokenVerdict {
  // Where, and never what: the value may be a secret that was put in the wrong place.
  return invalid(`the claim "${v.getDotPath(issue) ?? ''}" is missing or not valid`);
}

function invalid(what: string): TokenVerdict {
  return { ok: false, error: wireError('token-invalid', what) };
}
