import { createHash, timingSafeEqual } from 'node:crypto';
import type { Store } from '../store/store.ts';

/** Whoever asks, once she has been recognised. */
export interface Credentials {
  readonly accountSid: string;
}

/**
 * Recognises the account behind an `Authorization` header (RFC 7617): account sid and token, or sid and secret of one
 * of its API keys. Takes the same time whether the sid or the secret is wrong.
 */
export function authenticate(
  header: string | undefined,
  store: Pick<Store, 'accounts' | 'apiKeys'>,
): Credentials | undefined {
  const [, encoded] = /^Basic +([\w+/=-]+) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const said = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = said.indexOf(':');
  if (colon < 0) return undefined;
  const user = said.slice(0, colon);
  const known = user.startsWith('SK') ? keySecret(user, store) : accountToken(user, store);
  const isRight = isSame(said.slice(colon + 1), known?.secret ?? '');
  return known !== undefined && isRight ? { accountSid: known.accountSid } : undefined;
}

interface KnownSecret {
  readonly accountSid: string;
  readonly secret: string;
}

function accountToken(sid: string, { accounts }: Pick<Store, 'accounts'>): KnownSecret | undefined {
  const account = accounts.find(sid);
  return account === undefined ? undefined : { accountSid: account.sid, secret: account.authToken };
}

function keySecret(sid: string, { apiKeys }: Pick<Store, 'apiKeys'>): KnownSecret | undefined {
  const key = apiKeys.find(sid);
  return key === undefined ? undefined : { accountSid: key.accountSid, secret: key.secret };
}

/** Compared by their hashes, which have one length whatever was sent. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
