import { createHmac, timingSafeEqual } from 'node:crypto';

/** A request that says it comes from the gateway. */
export interface ClaimedRequest {
  readonly authToken: string;
  /** The URL as the gateway asked it, with scheme, host, port and query. */
  readonly url: string;
  /** The form of a POST; empty for a GET, whose parameters are in the URL. */
  readonly form: URLSearchParams;
  /** The header `X-Twilio-Signature`. */
  readonly signature: string | readonly string[] | undefined;
}

/**
 * Whether the gateway signed this request. In an application of your own, `validateRequest` of the npm package
 * `twilio` does the same, and `Webhook.verify` of `standardwebhooks` checks the newer signature beside it.
 */
export function isSigned({ authToken, url, form, signature }: ClaimedRequest): boolean {
  if (typeof signature !== 'string') return false;
  let signed = url;
  for (const name of [...new Set(form.keys())].toSorted()) {
    for (const value of [...new Set(form.getAll(name))].toSorted()) signed += name + value;
  }
  const expected = createHmac('sha1', authToken).update(signed, 'utf8').digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
