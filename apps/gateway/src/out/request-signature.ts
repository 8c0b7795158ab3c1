import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { FormParams } from './form-params.ts';
import type { WebhookAccount } from './webhook-account.ts';

/** A request as it goes out. */
export interface SignedRequest {
  /** The URL really asked, with its query and without what follows `#`. */
  readonly url: string;
  /** The form in the body; none with GET, whose parameters are in the URL. */
  readonly form: FormParams;
  /** The body as it is sent; empty with GET. */
  readonly body: string;
  /** The same on every repetition. */
  readonly idempotencyKey: string;
  readonly atMs: number;
}

/** The headers that let an application check who asks, in Twilio's way and in that of Standard Webhooks. */
export function signatureHeaders(account: WebhookAccount, request: SignedRequest): Record<string, string> {
  const timestamp = String(Math.floor(request.atMs / 1000));
  const signed = `${request.idempotencyKey}.${timestamp}.${request.body}`;
  return {
    'x-twilio-signature': twilioSignature(account.authToken, request.url, request.form),
    'i-twilio-idempotency-token': request.idempotencyKey,
    'webhook-id': request.idempotencyKey,
    'webhook-timestamp': timestamp,
    'webhook-signature': account.webhookSecrets.map((secret) => standardSignature(secret, signed)).join(' '),
  };
}

/** The value of `X-Twilio-Signature`: names sorted, each with its values; a repeated value counts once. */
export function twilioSignature(authToken: string, url: string, form: FormParams): string {
  let signed = url;
  let before: FormParams[number] | undefined;
  for (const param of form.toSorted(byNameAndValue)) {
    if (before === undefined || byNameAndValue(before, param) !== 0) signed += param[0] + param[1];
    before = param;
  }
  return createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
}

/** By UTF-16 units, which is what the validator sorts by. */
function byNameAndValue(a: FormParams[number], b: FormParams[number]): number {
  const at = a[0] === b[0] ? 1 : 0;
  if (a[at] === b[at]) return 0;
  return a[at] < b[at] ? -1 : 1;
}

function standardSignature(secret: string, signed: string): string {
  return `v1,${createHmac('sha256', keyOf(secret)).update(signed, 'utf8').digest('base64')}`;
}

/** Keys made of secrets, which is dearer than signing with them. Bounded: an account has two secrets at most (D23). */
const keys = new Map<string, KeyObject>();
const KEYS_MAX = 1000;

function keyOf(secret: string): KeyObject {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = createSecretKey(Buffer.from(secret.replace(/^whsec_/, ''), 'base64'));
  if (keys.size >= KEYS_MAX) keys.clear();
  keys.set(secret, key);
  return key;
}
