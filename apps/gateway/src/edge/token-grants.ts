import type { CallParams, Identity } from '@parley/protocol';

/** What a token server allowed, whichever of the two forms it wrote it in. */
export interface TokenGrants {
  /** Whether the device may be rung. Without it a device is welcome, never rung, and told so (D29). */
  readonly incomingAllow: boolean;
  /** Absent: the device may not place calls. Without `application`, the account's own rules say which one runs (D17). */
  readonly outgoing: OutgoingGrant | undefined;
  /** Whether the device may hand its calls over to others. */
  readonly transferAllow: boolean;
}

export interface OutgoingGrant {
  /** The sid or the name of the application that answers the calls of this device. */
  readonly application: string | undefined;
  /** Custom parameters the token server adds to every call; they win over what the page sends. */
  readonly params: CallParams;
}

/** A token that was verified: who it is for, in which account, until when. */
export interface VerifiedToken {
  readonly accountSid: string;
  readonly identity: Identity;
  readonly expiresAtMs: number;
  readonly grants: TokenGrants;
}
