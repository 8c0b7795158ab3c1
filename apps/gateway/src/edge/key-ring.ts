/** Whom a token may be signed by. Looked up with the `iss` a token claims, which proves nothing yet. */
export interface KeyRing {
  secretFor(issuer: string): AccountKey | undefined;
}

/** A secret, and the account that whoever knows it may speak for. */
export interface AccountKey {
  readonly accountSid: string;
  readonly secret: string;
}
