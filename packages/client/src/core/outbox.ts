import type { ClientMessage } from '@parley/protocol';

/**
 * What this device has said within a session and may have to say again.
 *
 * A socket keeps the order, so an answer to one frame proves that everything before it was read too: a `pong` for what
 * was said before its `ping`, a `reply` for what was said before its request. A request stays until it is answered
 * itself, because answers are not replayed. What is left when a socket dies is said again on the next one, in the same
 * order; the gateway carries each out once.
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

/** Everything up to this number has arrived; requests among it still wait for their answer. */
export function arrivedUpTo(outbox: Outbox, number: number): Outbox {
  const entries = outbox.entries.filter((entry) => entry.number > number || 'id' in entry.message);
  return entries.length === outbox.entries.length ? outbox : { ...outbox, entries };
}

/** The request of this id was answered, so everything before it has arrived. */
export function answered(outbox: Outbox, requestId: string): Outbox {
  const isAnswered = ({ message }: OutboxEntry): boolean => 'id' in message && message.id === requestId;
  const request = outbox.entries.find(isAnswered);
  if (request === undefined) return outbox;
  const without = { ...outbox, entries: outbox.entries.filter((entry) => entry !== request) };
  return arrivedUpTo(without, request.number);
}

export function allSent(outbox: Outbox): Outbox {
  return { ...outbox, entries: outbox.entries.map((entry) => ({ ...entry, isSent: true })) };
}

/** Splits off what was said to a session that is gone: it means nothing to the next one. */
export function withoutSent(outbox: Outbox): {
  readonly kept: Outbox;
  readonly dropped: readonly ClientMessage[];
} {
  return {
    kept: { ...outbox, entries: outbox.entries.filter((entry) => !entry.isSent) },
    dropped: outbox.entries.filter((entry) => entry.isSent).map(({ message }) => message),
  };
}
