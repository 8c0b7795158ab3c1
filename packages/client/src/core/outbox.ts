import type { ClientMessage } from '@parley/protocol';

/**
 * What this device has said within a session and does not yet know to have arrived.
 *
 * A socket keeps the order, so an answer to one frame proves that everything before it was read too: a `pong` for what
 * was said before its `ping`, a `reply` for what was said before its request. What is left when a socket dies is said
 * again on the next one, in the same order; the gateway carries each out once.
 */
export interface Outbox {
  readonly entries: readonly OutboxEntry[];
  /** How many have ever been put in; the number of an entry is this count at the time. */
  readonly count: number;
}

export interface OutboxEntry {
  readonly number: number;
  readonly message: ClientMessage;
  readonly isSent: boolean;
}

/** More than this is never waited for; the session is then beyond help. */
export const OUTBOX_MAX = 512;

export const EMPTY_OUTBOX: Outbox = { entries: [], count: 0 };

export function put(outbox: Outbox, message: ClientMessage, isSent: boolean): Outbox {
  const number = outbox.count + 1;
  return { entries: [...outbox.entries, { number, message, isSent }], count: number };
}

/** Everything up to this number has arrived. */
export function arrivedUpTo(outbox: Outbox, number: number): Outbox {
  if (outbox.entries[0] === undefined || outbox.entries[0].number > number) return outbox;
  return { ...outbox, entries: outbox.entries.filter((entry) => entry.number > number) };
}

/** The request of this id was answered, so it and everything before it has arrived. */
export function arrivedWithReply(outbox: Outbox, requestId: string): Outbox {
  const entry = outbox.entries.find(({ message }) => 'id' in message && message.id === requestId);
  return entry === undefined ? outbox : arrivedUpTo(outbox, entry.number);
}

export function allSent(outbox: Outbox): Outbox {
  return { ...outbox, entries: outbox.entries.map((entry) => ({ ...entry, isSent: true })) };
}

/** Splits off what was said to a session that is gone: it means nothing to the next one. */
export function withoutSent(outbox: Outbox): { readonly kept: Outbox; readonly dropped: readonly ClientMessage[] } {
  return {
    kept: { ...outbox, entries: outbox.entries.filter((entry) => !entry.isSent) },
    dropped: outbox.entries.filter((entry) => entry.isSent).map(({ message }) => message),
  };
}
