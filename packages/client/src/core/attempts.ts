import type { Failure } from './failure.ts';
import {
  andThen,
  CONNECTION_LIMITS,
  OFFLINE,
  type Connection,
  type ConnectionOutput,
  type ConnectionStep,
  type ConnectionWorld,
} from './connection.ts';

/** The next attempt: with the token that is known, or by asking for one. */
export function begin(state: Connection, world: ConnectionWorld): ConnectionStep {
  if (state.token === null) {
    return {
      state: { ...state, link: { name: 'authorizing', byMs: world.nowMs + CONNECTION_LIMITS.tokenMs } },
      outputs: [{ type: 'askToken', reason: state.tokenReason }],
    };
  }
  const { nowMs } = world;
  const openMs = state.isInCall ? CONNECTION_LIMITS.inCallOpenMs : CONNECTION_LIMITS.openMs;
  return {
    state: { ...state, link: { name: 'opening', byMs: nowMs + openMs, sinceMs: nowMs } },
    outputs: [{ type: 'openSocket' }],
  };
}

/** The attempt has failed; another follows after a pause. */
export function retryLater(state: Connection, failure: Failure, world: ConnectionWorld): ConnectionStep {
  const next: Connection = {
    ...state,
    attempt: state.attempt + 1,
    link: { name: 'waiting', untilMs: world.nowMs + backOffMs(state, world.random) },
  };
  // Said once per outage: the store shows every attempt.
  const isFirst = state.attempt === 0;
  return { state: next, outputs: isFirst ? [{ type: 'failed', failure, isFatal: false }] : [] };
}

/** The first attempt after a loss follows almost at once: most losses are of one socket, not of the network. */
function backOffMs(state: Connection, random: number): number {
  if (state.attempt === 0 && state.session !== null) return Math.round(random * 200);
  const { backOffFirstMs, backOffMaxMs, inCallBackOffMaxMs } = CONNECTION_LIMITS;
  const ceilingMs = state.isInCall ? inCallBackOffMaxMs : backOffMaxMs;
  const ceiling = Math.min(ceilingMs, backOffFirstMs * 2 ** Math.min(state.attempt, 10));
  return Math.round(ceiling * (0.5 + random / 2));
}

/** The socket is thrown away by us; the session stays. */
export function dropSocket(
  state: Connection,
  code: number,
  reason: string,
  world: ConnectionWorld,
): ConnectionStep {
  const closing: ConnectionStep = {
    state: withSessionLost(state, world.nowMs),
    outputs: [{ type: 'closeSocket', code, reason }],
  };
  return andThen(closing, (after) => retryLater(after, { name: 'connection-lost', message: reason }, world));
}

/** Marks the session as without a socket, from now on. */
export function withSessionLost(state: Connection, nowMs: number): Connection {
  if (state.session === null || state.session.lostAtMs !== null) return state;
  return { ...state, session: { ...state.session, lostAtMs: nowMs } };
}

/** Nothing more is tried until the application asks again. */
export function giveUp(state: Connection, failure: Failure): ConnectionStep {
  const next = leave({ ...state, link: { name: 'offline' } }, failure);
  return { state: next.state, outputs: [...next.outputs, { type: 'failed', failure, isFatal: true }] };
}

/**
 * Nothing is wanted any more: says so, where somebody listens, and forgets the session. Where the next page here may go
 * on with it (`mayReturn`), the socket is closed without a `bye`.
 */
export function leave(state: Connection, failure: Failure | null = null, mayReturn = false): ConnectionStep {
  const outputs: ConnectionOutput[] = [];
  const { link, session, outbox, token, tokenReason } = state;
  if (link.name === 'online' && !mayReturn) outputs.push({ type: 'transmit', message: { type: 'bye' } });
  if (link.name === 'online' || link.name === 'greeting' || link.name === 'opening') {
    outputs.push({ type: 'closeSocket', code: 1000, reason: mayReturn ? 'may return' : 'bye' });
  }
  const unanswered = outbox.entries.map(({ message }) => message);
  if (session !== null || unanswered.length > 0) outputs.push({ type: 'sessionLost', unanswered, failure });
  return { state: { ...OFFLINE, token, tokenReason }, outputs };
}
