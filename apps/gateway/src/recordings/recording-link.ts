import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link gives, and until when. */
export interface RecordingClaim {
  readonly accountSid: string;
  readonly recordingSid: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

/** The two parameters of a link, as they stand in its query. */
export interface LinkParameters {
  readonly expires: string;
  readonly signature: string;
}

/** Signs a link to one recording of one account (D28). Whoever has the account's token can make such links herself. */
export function signRecordingLink(authToken: string, claim: RecordingClaim): LinkParameters {
  return { expires: String(claim.expires), signature: signatureOf(authToken, claim).toString('base64url') };
}

/** Whether a link was signed with this token and may be followed now. */
export function isRecordingLinkGood(
  authToken: string,
  asked: Omit<RecordingClaim, 'expires'> & LinkParameters,
  nowMs: number,
): boolean {
  const { accountSid, recordingSid } = asked;
  if (!/^\d{1,12}$/.test(asked.expires)) return false;
  const expires = Number(asked.expires);
  const given = Buffer.from(asked.signature, 'base64url');
  const right = signatureOf(authToken, { accountSid, recordingSid, expires });
  return given.length === right.length && timingSafeEqual(given, right) && nowMs < expires * 1000;
}

function signatureOf(authToken: string, { accountSid, recordingSid, expires }: RecordingClaim): Buffer {
  // The purpose is part of it, so that no signature of anything else passes for one of a link.
  const said = `recording\n${accountSid}\n${recordingSid}\n${expires}`;
  return createHmac('sha256', authToken).update(said, 'utf8').digest();
}
