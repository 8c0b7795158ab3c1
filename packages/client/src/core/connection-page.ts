import type { SUSPENDED_CLOSE_CODE } from '@parley/protocol';
import { begin, withSessionLost } from './attempts.ts';
import {
  andThen,
  CONNECTION_LIMITS,
  stay,
  type ConnectionStep,
  type PageStep,
  type Session,
} from './connection.ts';
import { ping } from './conversation.ts';

// What a page does to the connection: steps of the machine drawn in `connection.ts`, as pure as the others. They are loaded
// with what watches the page; a device registers and rings without them.

/** The wire's, by its type: what is loaded late must not ask for another package, for pages that bundle nothing. */
const SUSPENDED: typeof SUSPENDED_CLOSE_CODE = 4001;

/** A call begins or ends. */
export const inCall =
  (isInCall: boolean): PageStep =>
  (state, world) => {
    const { link } = state;
    if (!isInCall || link.name !== 'online') return stay({ ...state, isInCall });
    const pingAtMs = Math.min(link.pingAtMs, world.nowMs + CONNECTION_LIMITS.inCallPingMs);
    return stay({ ...state, isInCall, link: { ...link, pingAtMs } });
  };

/** Too late once a session of our own has begun, or is being asked for. */
export const adopt =
  (session: Session): PageStep =>
  (state) => {
    const { link } = state;
    const isEarly = link.name === 'offline' || link.name === 'authorizing' || link.name === 'waiting';
    return stay(isEarly && state.session === null ? { ...state, session } : state);
  };

/** It goes into the back/forward cache, where sockets look alive and are not: ours is closed, the session kept. */
export const suspend: PageStep = (state, world) => {
  switch (state.link.name) {
    case 'offline':
    case 'suspended':
      return stay(state);
    case 'authorizing':
    case 'waiting':
      return stay({ ...state, link: { name: 'suspended' } });
    case 'opening':
    case 'greeting':
    case 'online':
      return {
        state: { ...withSessionLost(state, world.nowMs), link: { name: 'suspended' } },
        // With a call it is not cached but left, as a rule: then nobody should be kept waiting for it.
        outputs: [{ type: 'closeSocket', code: state.isInCall ? 1000 : SUSPENDED, reason: 'suspended' }],
      };
  }
};

/** It is back from there. */
export const resume: PageStep = (state, world) =>
  state.link.name === 'suspended' ? begin({ ...state, attempt: 0 }, world) : stay(state);

/** Something happened after which the socket may be dead, or the network back. */
export const wake: PageStep = (state, world) => {
  switch (state.link.name) {
    case 'waiting':
      return begin(state, world);
    case 'online':
      return ping(state, CONNECTION_LIMITS.probeMs, world);
    case 'opening':
    case 'greeting': {
      if (world.nowMs - state.link.sinceMs < CONNECTION_LIMITS.staleAttemptMs) return stay(state);
      const stale: ConnectionStep = {
        state,
        outputs: [{ type: 'closeSocket', code: 4000, reason: 'network changed' }],
      };
      return andThen(stale, (after) => begin(after, world));
    }
    case 'offline':
    case 'authorizing':
    case 'suspended':
      return stay(state);
  }
};
