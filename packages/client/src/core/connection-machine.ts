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
    case 'page':
      return input.step(state, world);
    case 'pageLeft':
      return leave(state, null, input.mayReturn);
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
