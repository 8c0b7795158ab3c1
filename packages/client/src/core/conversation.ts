import type { ClientMessage, Decoded, ServerMessage, ServerMessageOf } from '@parley/protocol';
import { dropSocket } from './attempts.ts';
import {
  andThen,
  CONNECTION_LIMITS,
  stay,
  type AwaitedPong,
  type Connection,
  type ConnectionOutput,
  type ConnectionStep,
  type ConnectionWorld,
} from './connection.ts';
import type { Failure } from './failure.ts';
import { allSent, answered, arrivedUpTo, OUTBOX_MAX, put, withoutSent } from './outbox.ts';

/** A gateway that was started anew knows nobody. */
const FORGOTTEN: Failure = { name: 'resume-refused', message: 'the gateway has no such session any more' };

/** What the gateway has said on the socket of now. */
export function read(
  state: Connection,
  decoded: Decoded<ServerMessage>,
  world: ConnectionWorld,
): ConnectionStep {
  const { link } = state;
  if (link.name !== 'greeting' && link.name !== 'online') return stay(state);
  if (!decoded.ok) return misread(state, decoded, world);
  const { message } = decoded;
  switch (message.type) {
    case 'welcome':
      return link.name === 'greeting' ? welcomed(state, message, world) : stay(state);
    case 'pong': {
      if (link.name !== 'online' || link.awaited === null) return stay(state);
      const outbox = arrivedUpTo(state.outbox, link.awaited.provesUpTo);
      return {
        state: { ...state, outbox, link: { ...link, awaited: null } },
        outputs: [{ type: 'proven' }],
      };
    }
    case 'reply':
      return {
        state: { ...state, outbox: answered(state.outbox, message.re) },
        outputs: [{ type: 'replied', re: message.re, data: message.data }],
      };
    case 'refusal':
      if (message.re === undefined) return stay({ ...state, complaint: message.error });
      return {
        state: { ...state, outbox: answered(state.outbox, message.re) },
        outputs: [{ type: 'refused', re: message.re, error: message.error }],
      };
    default:
      return counted(state, message.seq, [{ type: 'notified', message }], world);
  }
}

/** A newer gateway may say what we do not know: it is counted and left, so that the rest can be read. */
function misread(
  state: Connection,
  decoded: Extract<Decoded<ServerMessage>, { ok: false }>,
  world: ConnectionWorld,
): ConnectionStep {
  const complaint: ConnectionOutput = { type: 'misread', error: decoded.error };
  if (decoded.seq !== undefined) return counted(state, decoded.seq, [complaint], world);
  return { state, outputs: [complaint] };
}

/** Notifications are numbered: what was heard before is dropped; a gap means that the socket must not be trusted. */
function counted(
  state: Connection,
  seq: number,
  outputs: readonly ConnectionOutput[],
  world: ConnectionWorld,
): ConnectionStep {
  const { session } = state;
  if (session === null || seq <= session.lastSeq) return stay(state);
  if (seq > session.lastSeq + 1) return dropSocket(state, 4000, 'a notification is missing', world);
  return { state: { ...state, session: { ...session, lastSeq: seq } }, outputs };
}

function welcomed(
  state: Connection,
  welcome: ServerMessageOf<'welcome'>,
  world: ConnectionWorld,
): ConnectionStep {
  const { session } = state;
  const isResumed = welcome.resumed && session !== null;
  // What was said to a session that is gone means nothing to this one; what was never sent may still be said.
  const left = isResumed ? { kept: state.outbox, dropped: [] } : withoutSent(state.outbox);
  const lost: ConnectionOutput[] =
    session !== null && !isResumed
      ? [{ type: 'sessionLost', unanswered: left.dropped, failure: FORGOTTEN }]
      : [];
  const next: Connection = {
    ...state,
    link: { name: 'online', pingAtMs: world.nowMs + pingEveryMs(state, welcome.heartbeatMs), awaited: null },
    attempt: 0,
    tokenRefusals: 0,
    complaint: null,
    session: {
      sessionId: welcome.sessionId,
      resumeToken: welcome.resumeToken,
      lastSeq: isResumed ? session.lastSeq : welcome.lastSeq,
      heartbeatMs: welcome.heartbeatMs,
      graceMs: welcome.graceMs,
      lostAtMs: null,
    },
    outbox: allSent(left.kept),
  };
  return {
    state: next,
    outputs: [
      ...lost,
      { type: 'welcomed', welcome },
      ...left.kept.entries.map(({ message }): ConnectionOutput => ({ type: 'transmit', message })),
    ],
  };
}

/** Says it now, or keeps it until there is a session to say it in. */
export function say(state: Connection, message: ClientMessage, world: ConnectionWorld): ConnectionStep {
  if (state.outbox.entries.length >= OUTBOX_MAX) {
    return {
      state,
      outputs: [
        { type: 'failed', failure: { name: 'too-many', message: 'too much unsaid' }, isFatal: false },
      ],
    };
  }
  const { link } = state;
  if (link.name !== 'online') return stay({ ...state, outbox: put(state.outbox, message, false) });
  // Somebody waits for the answer to a request. A socket that only looks alive must not keep her waiting for a heartbeat.
  const confirmAtMs = 'id' in message ? world.nowMs + CONNECTION_LIMITS.confirmMs : Infinity;
  const next: Connection = {
    ...state,
    link: { ...link, pingAtMs: Math.min(link.pingAtMs, confirmAtMs) },
    outbox: put(state.outbox, message, true),
  };
  const said: ConnectionStep = { state: next, outputs: [{ type: 'transmit', message }] };
  const wantsProof = link.awaited === null && next.outbox.entries.length > CONNECTION_LIMITS.unprovenMax;
  return wantsProof ? andThen(said, (after) => ping(after, CONNECTION_LIMITS.pongMs, world)) : said;
}

/** Asks for a sign of life, to be there within `patienceMs`. */
export function ping(state: Connection, patienceMs: number, world: ConnectionWorld): ConnectionStep {
  const { link, session } = state;
  if (link.name !== 'online' || session === null) return stay(state);
  const { nowMs } = world;
  // The pong that is on its way may answer an older ping: what it proves is then the older one's.
  const awaited: AwaitedPong = {
    byMs: Math.min(link.awaited?.byMs ?? Infinity, nowMs + patienceMs),
    provesUpTo: link.awaited?.provesUpTo ?? state.outbox.count,
  };
  return {
    state: {
      ...state,
      link: { name: 'online', pingAtMs: nowMs + pingEveryMs(state, session.heartbeatMs), awaited },
    },
    outputs: [{ type: 'transmit', message: { type: 'ping', lastSeq: session.lastSeq } }],
  };
}

function pingEveryMs({ isInCall }: Connection, heartbeatMs: number): number {
  return isInCall ? Math.min(heartbeatMs, CONNECTION_LIMITS.inCallPingMs) : heartbeatMs;
}
