import { createHmac } from 'node:crypto';
import type { IceServer } from '@parley/protocol';

/** A TURN server that shares a secret with this gateway: coturn's `use-auth-secret`. */
export interface TurnSettings {
  /** `turn:` and `turns:` URLs, the preferred first. */
  readonly urls: readonly string[];
  readonly secret: string;
  /** For how long a credential lets its holder begin an allocation. One that has begun outlives it. */
  readonly ttlSeconds: number;
}

/**
 * What devices reach the SFU through where they cannot reach it directly: servers with a credential of their own, made
 * at the moment it is handed out. It is handed out with every offer and every ICE restart, so that none is ever used
 * that has grown old. Without a TURN server the list is empty, and no STUN server takes its place: the SFU stands on an
 * address that is known, and asking who we are would cost a round trip and teach nothing.
 */
export type IceServersOf = (identity: string) => IceServer[];

/** Makes credentials as coturn checks them: the name says when it ends and whose it is, the password proves it. */
export function createIceServers(turn: TurnSettings | undefined, nowMs: () => number): IceServersOf {
  if (turn === undefined) return () => [];
  const { urls, secret, ttlSeconds } = turn;
  return (identity) => {
    const username = `${Math.floor(nowMs() / 1000) + ttlSeconds}:${identity}`;
    return [{ urls: [...urls], username, credential: turnPassword(username, secret) }];
  };
}

/** `base64(HMAC-SHA1(secret, username))`: draft-uberti-behave-turn-rest-00, which names the hash. */
export function turnPassword(username: string, secret: string): string {
  return createHmac('sha1', secret).update(username).digest('base64');
}
