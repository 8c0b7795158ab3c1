import { WIRE_VERSION, type ClientMessage } from '@parley/protocol';
import { begin, dropSocket, giveUp, leave, retryLater, withSessionLost } from './attempts.ts';
import {
  andThen,
  CONNECTION_LIMITS,
  linkDeadlineMs,
  sessionDeadlineMs,
  stay,
  type Connection,
  type ConnectionInput,
  type ConnectionStep,
  type ConnectionWorld,
  type Session,
} from './connection.ts';
import { ping, read, say } from './conversation.ts';
import { failureOfClose, mayRetryAfter } from './failure.ts';
import { withoutSent } from './outbox.ts';

/** The steps of the machine drawn in `connection.ts`. Pure: the same state, input and world always give the same step. */
export function stepConnection(
  state: Connection,
  input: ConnectionInput,
  world: ConnectionWorld,
): ConnectionStep {
  switch (input.type) {
    case 'want':
      return want(state, input.wanted, world);
    case 'tokenCame':
      return tokenCame(state, input.token, world);
    case 'tokenFailed':
      if (state.link.name !== 'authorizing') return stay(state);
      return retryLater(state, { name: 'token-unavailable', message: input.message }, world);
    case 'opened':
      return opened(state, world);
    case 'frame':
      return read(state, input.decoded, world);
    case 'closed':
      return closed(state, input.code, input.reason, world);
    case 'say':
      return say(state, input.message, world);
    case 'inCall':
      return inCall(state, input.isInCall, world);
    case 'adopt':
      return adopt(state, input.session);
    case 'pageLeft':
      return leave(state, null, input.mayReturn);
    case 'pageSuspended':
      return suspend(state, world);
    case 'pageResumed':
      return state.link.name === 'suspended' ? begin({ ...state, attempt: 0 }, world) : stay(state);
    case 'woke':
      return woke(state, world);
    case 'clock':
      return clock(state, world);
  }
}

function want(state: Connection, wanted: Connection['wanted'], world: ConnectionWorld): ConnectionStep {
  if (wanted === 'nothing') return leave(state);
  const next = { ...state, wanted };
  switch (state.link.name) {
    case 'offline':
      return begin({ ...next, attempt: 0, tokenRefusals: 0, complaint: null }, world);
    case 'waiting':
      return begin(next, world);
    case 'authorizing':
    case 'opening':
    case 'greeting':
    case 'online':
    case 'suspended':
      return stay(next);
  }
}

/** A call begins or ends. */
function inCall(state: Connection, isInCall: boolean, world: ConnectionWorld): ConnectionStep {
  const { link } = state;
  if (!isInCall || link.name !== 'online') return stay({ ...state, isInCall });
  const pingAtMs = Math.min(link.pingAtMs, world.nowMs + CONNECTION_LIMITS.inCallPingMs);
  return stay({ ...state, isInCall, link: { ...link, pingAtMs } });
}

/** Too late once a session of our own has begun, or is being asked for. */
function adopt(state: Connection, session: Session): ConnectionStep {
  const { link } = state;
  const isEarly = link.name === 'offline' || link.name === 'authorizing' || link.name === 'waiting';
  return stay(isEarly && state.session === null ? { ...state, session } : state);
}

function tokenCame(state: Connection, token: string, world: ConnectionWorld): ConnectionStep {
  const next: Connection = { ...state, token };
  return state.link.name === 'authorizing' ? begin(next, world) : stay(next);
}

function opened(state: Connection, world: ConnectionWorld): ConnectionStep {
  if (state.link.name !== 'opening' || state.token === null) return stay(state);
  const { session } = state;
  const hello: ClientMessage = {
    type: 'hello',
    version: WIRE_VERSION,
    token: state.token,
    register: state.wanted === 'registered',
    device: { label: world.deviceLabel, agent: world.agent },
    resume:
      session === null
        ? undefined
        : {
            sessionId: session.sessionId,
            resumeToken: session.resumeToken,
            lastSeq: session.lastSeq,
          },
  };
  return {
    state: {
      ...state,
      link: {
        name: 'greeting',
        byMs: world.nowMs + CONNECTION_LIMITS.welcomeMs,
        sinceMs: state.link.sinceMs,
      },
    },
    outputs: [{ type: 'transmit', message: hello }],
  };
}

function closed(state: Connection, code: number, reason: string, world: ConnectionWorld): ConnectionStep {
  const { link } = state;
  if (link.name !== 'opening' && link.name !== 'greeting' && link.name !== 'online') return stay(state);
  const failure = failureOfClose({
    code,
    reason,
    complaint: state.complaint,
    wasOnline: link.name === 'online',
  });
  const next: Connection = { ...withSessionLost(state, world.nowMs), complaint: null };
  if (failure.name === 'token-invalid' || failure.name === 'token-expired') {
    if (world.canAskToken && state.tokenRefusals === 0) {
      const tokenReason = failure.name === 'token-expired' ? 'expired' : 'refused';
      return begin({ ...next, token: null, tokenReason, tokenRefusals: 1 }, world);
    }
    return giveUp({ ...next, token: null, tokenReason: 'refused' }, failure);
  }
  if (!mayRetryAfter(code)) return giveUp(next, failure);
  return retryLater(next, failure, world);
}

/** The page goes into the back/forward cache, where sockets look alive and are not: ours is closed, the session kept. */
function suspend(state: Connection, world: ConnectionWorld): ConnectionStep {
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
        outputs: [{ type: 'closeSocket', code: state.isInCall ? 1000 : 4001, reason: 'suspended' }],
      };
  }
}

function woke(state: Connection, world: ConnectionWorld): ConnectionStep {
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
}

function clock(state: Connection, world: ConnectionWorld): ConnectionStep {
  const sessionByMs = sessionDeadlineMs(state.session);
  if (sessionByMs !== null && world.nowMs >= sessionByMs) {
    const { kept, dropped } = withoutSent(state.outbox);
    const expired: ConnectionStep = {
      state: { ...state, session: null, outbox: kept },
      outputs: [{ type: 'sessionLost', unanswered: dropped, failure: null }],
    };
    return andThen(expired, (after) => linkClock(after, world));
  }
  return linkClock(state, world);
}

function linkClock(state: Connection, world: ConnectionWorld): ConnectionStep {
  const { link } = state;
  const dueMs = linkDeadlineMs(link);
  if (dueMs === null || world.nowMs < dueMs) return stay(state);
  switch (link.name) {
    case 'authorizing':
      return retryLater(
        state,
        { name: 'token-unavailable', message: 'the token provider took too long' },
        world,
      );
    case 'opening':
    case 'greeting':
      return dropSocket(state, 4000, 'the gateway did not answer in time', world);
    case 'waiting':
      return begin(state, world);
    case 'online':
      if (link.awaited !== null && world.nowMs >= link.awaited.byMs) {
        return dropSocket(state, 4000, 'no sign of life from the gateway', world);
      }
      return ping(state, CONNECTION_LIMITS.pongMs, world);
    case 'offline':
    case 'suspended':
      return stay(state);
  }
}
